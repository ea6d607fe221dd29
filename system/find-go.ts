import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run, tryRun } from './run.ts';

/** From this version on, Go downloads the version that a module needs (https://go.dev/doc/toolchain). */
const oldestGo = [1, 21] as const;

/** What an older Go downloads in its place. It is a module, so its content is checked like that of any other. */
const newerGo = 'golang.org/toolchain@v0.0.1-go1.26.8';

/**
 * The folder of a Go that is new enough; undefined if the one on PATH is. An older Go, such as Debian 12's, downloads a
 * newer one into its module cache. Throws an error that says what to install if there is none.
 */
export async function findGo(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { stdout } = await tryRun('sh', ['-c', 'command -v go >/dev/null && go env GOVERSION GOOS GOARCH']);
  const [version = '', system, processor] = stdout.trim().split('\n');
  if (isNewEnough(version)) return undefined;
  if (!version.startsWith('go1.'))
    throw new Error(
      `Programs that can't be downloaded here are built with Go ${oldestGo.join('.')} or newer. This machine has ${version || 'no Go'}. Install a newer Go (https://go.dev/doc/install), then run the same command again.`,
    );
  const download = ['mod', 'download', '-json', `${newerGo}.${system}-${processor}`];
  const done = await run('go', download, { timeoutMs: 10 * 60_000, env: environment });
  const { Dir } = JSON.parse(done.stdout) as { Dir: string };
  makeExecutable(Dir);
  return join(Dir, 'bin');
}

/** A module's files have no mode of their own, so Go's programs arrive as plain files. */
function makeExecutable(folder: string): void {
  for (const path of ['bin', 'pkg/tool'])
    for (const entry of readdirSync(join(folder, path), { recursive: true, withFileTypes: true }))
      if (entry.isFile()) chmodSync(join(entry.parentPath, entry.name), 0o755);
}

/** Whether this Go (`go1.24.4`, as `go env GOVERSION` prints it) downloads newer ones. */
export function isNewEnough(version: string): boolean {
  const [, major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  return major > oldestGo[0] || (major === oldestGo[0] && minor >= oldestGo[1]);
}
