// The way in, for any Node from 18 on: installs the project's packages when they are missing or changed, then goes on
// under the project's own Node. It has no dependencies, since it is what brings them.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = join(root, 'node_modules', '.bin', 'node');
const stamp = join(root, 'node_modules', '.openhaven-packages');

const major = Number(process.versions.node.split('.')[0]);
if (major < 18) {
  console.error(
    `Node ${process.versions.node} is too old: OpenHaven starts with Node 18 or newer. Install it, then run the same command again.`,
  );
  process.exit(1);
}
if (process.platform === 'win32') {
  console.error('OpenHaven runs on Linux and macOS. On Windows, use it inside WSL 2.');
  process.exit(1);
}

const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
if (!existsSync(node) || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  console.log('Installing packages (into node_modules, once) ...');
  const installed = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (installed.status !== 0) {
    console.error(
      'The packages could not be installed; npm says why above. Fix that, then run the same command again.',
    );
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

const [verb, ...args] = process.argv.slice(2);
const scripts = {
  start: 'start.ts',
  test: 'test.ts',
  'test:unit': 'test-unit.ts',
  'test:long': 'test-long.ts',
  'test:e2e': 'test-e2e.ts',
  'test:crash': 'test-crash.ts',
  ci: 'ci.ts',
  bench: 'bench.ts',
  behaviours: 'mail-behaviours.ts',
};
const script = scripts[verb];
if (!script) {
  console.error(`setup/enter.mjs: "${verb}" is not one of: ${Object.keys(scripts).join(', ')}`);
  process.exit(2);
}
const path = `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`;
const done = spawnSync(node, [join(root, 'setup', script), ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: path },
});
process.exit(done.status ?? 1);
