import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import { cacheDir } from '../system/cache-dir.ts';
import { go } from '../system/go.ts';
import { run, tryRun } from '../system/run.ts';
import { engineSourceFiles, writeEngineSource } from './engine-source.ts';

/** The engine's version; `@pulumi/pulumi` in package.json is the same. */
export const engineVersion = '3.250.0';

const hash = createHash('sha256');
for (const file of engineSourceFiles) hash.update(readFileSync(file));
const key = hash.digest('hex').slice(0, 12);
/** The engine's folder: `bin/pulumi`, a launcher, and `bin/pulumi-engine`. */
export const engineRoot = join(cacheDir, `engine-${engineVersion}-${key}`);

export const hasEngine = (): boolean => existsSync(join(engineRoot, 'bin', 'pulumi'));

/**
 * The Pulumi engine: Pulumi's own download where that can be reached, else built from its Go modules. The launcher
 * puts it into a session of its own, so that Ctrl-C reaches us alone and we decide how it ends.
 */
export async function ensureEngine(say: (what: string) => void = () => undefined): Promise<string> {
  if (hasEngine()) return engineRoot;
  const draft = `${engineRoot}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(join(draft, 'bin'), { recursive: true });
  const built = (await download(draft)) ? 'downloaded' : await build(draft, say);
  renameSync(join(draft, 'bin', 'pulumi'), join(draft, 'bin', 'pulumi-engine'));
  const launcher =
    '#!/bin/sh\nhere=$(dirname "$0")\nif command -v setsid >/dev/null; then exec setsid "$here/pulumi-engine" "$@"; fi\nexec "$here/pulumi-engine" "$@"\n';
  writeFileSync(join(draft, 'bin', 'pulumi'), launcher);
  chmodSync(join(draft, 'bin', 'pulumi'), 0o755);
  const version = (await run(join(draft, 'bin', 'pulumi'), ['version'], { env: quiet })).stdout
    .trim()
    .replace(/^v/, '');
  if (version !== engineVersion)
    throw new Error(`The Pulumi engine that was ${built} says that it is ${version}, not ${engineVersion}.`);
  renameSync(draft, engineRoot);
  return engineRoot;
}

const quiet = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: '1' };

async function download(root: string): Promise<boolean> {
  // Whether Pulumi's downloads can be reached is asked before their installer is: it waits long for what isn't there.
  const curl = 'curl --silent --fail --max-time 5 --head https://get.pulumi.com/install.sh';
  const reached = await tryRun('sh', ['-c', `command -v curl >/dev/null && ${curl}`]);
  if (reached.code !== 0) return false;
  const { SemVer } = (await import('semver')).default;
  await PulumiCommand.install({ version: new SemVer(engineVersion), root });
  return existsSync(join(root, 'bin', 'pulumi'));
}

async function build(root: string, say: (what: string) => void): Promise<string> {
  say('Pulumi engine: building it from its Go modules (about 3 minutes, once)');
  const work = join(root, 'source');
  await writeEngineSource(work);
  const flags = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${engineVersion}`;
  const program = 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi';
  await go(['build', '-ldflags', flags, '-o', join(root, 'bin', 'pulumi'), program], { cwd: work });
  rmSync(work, { recursive: true, force: true });
  return 'built';
}
