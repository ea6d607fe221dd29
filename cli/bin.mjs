#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
// The command `haven`. TypeScript runs as it is, under the project's own Node.
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [first = '--help', ...rest] = process.argv.slice(2);
if (rest.length === 0 && ['--help', '-h', 'help'].includes(first)) {
  process.stdout.write(readFileSync(new URL('./help.txt', import.meta.url)));
  process.exit(0);
}
// npm runs its scripts in the project's folder; whoever typed the command is elsewhere.
if (process.env.npm_lifecycle_event === 'haven' && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
// In a checkout our own Node lies below; installed as a package it lies beside.
const own = ['../node_modules/.bin/node', '../../.bin/node']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path));
if (Number(process.versions.node.split('.')[0]) < 24) {
  if (!own) {
    console.error(`haven needs Node 24; this is ${process.versions.node}. Run: npm install --global node@24`);
    process.exit(1);
  }
  const done = spawnSync(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exit(done.status ?? 1);
}
// What has been compiled once, the plugins' code too, is kept for the next start (nodejs.org/api/module.html).
const caches =
  process.env.HAVEN_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'openhaven');
process.env.NODE_COMPILE_CACHE ??= join(caches, 'compiled');
module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
// Pulumi's SDK loads npm's package tree and TypeScript to turn functions into text, which nothing here has it do: a tenth
// of a second in each command that has a plan. Any other module takes their place.
const unused = new Set(['@npmcli/arborist', 'typescript']);
module.registerHooks({
  resolve: (specifier, context, next) =>
    unused.has(specifier)
      ? { url: 'node:path', format: 'builtin', shortCircuit: true }
      : next(specifier, context),
});
const { typeHaven } = await import('./main.ts');
await typeHaven(process.argv.slice(2));
