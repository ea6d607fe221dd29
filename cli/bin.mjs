#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
// The command `haven`. TypeScript runs as it is, under the project's own Node.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [first = '--help', ...rest] = process.argv.slice(2);
if (rest.length === 0 && ['--help', '-h', 'help'].includes(first)) {
  process.stdout.write(readFileSync(new URL('./help.txt', import.meta.url)));
  process.exit(0);
}
const own = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
if (Number(process.versions.node.split('.')[0]) < 24) {
  if (!existsSync(own)) {
    console.error(`haven needs Node 24; this is ${process.versions.node}. Type: npm start`);
    process.exit(1);
  }
  const done = spawnSync(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exit(done.status ?? 1);
}
const { execute } = await import('@oclif/core');
await execute({ dir: import.meta.url });
