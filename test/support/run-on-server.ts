import { join } from 'node:path';
import { build } from 'esbuild';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { projectRoot } from '../../system/project-root.ts';

/**
 * Runs a piece of TypeScript on a server, with what it imports from this project's root (`./agent/…`), as the agent runs
 * there: bundled, under the server's own Node. Answers with what it prints.
 */
export async function runOnServer(machine: string, code: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: code,
      resolveDir: projectRoot,
      sourcefile: join(projectRoot, 'on-server.ts'),
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    write: false,
    banner: {
      js: "import { createRequire as haveRequire } from 'node:module'; const require = haveRequire(import.meta.url);",
    },
  });
  const input = outputFiles[0]!.text;
  return (await onMachine(machine, ['node', '--input-type=module', '-'], { input })).stdout.trim();
}
