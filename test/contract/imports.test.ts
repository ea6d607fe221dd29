import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importFaults } from '../support/import-rules.ts';
import { type ImportMap, importsOf, loadedWith, readImports } from '../support/imports.ts';

/** A few files that are in order, beside which each mistake is planted. */
const sound: Record<string, string> = {
  'core/plan/plan.ts': "import { z } from 'zod';\nimport type { Service } from '../service.ts';",
  'core/service.ts': '',
  'system/run.ts': "import { spawn } from 'node:child_process';",
  'services/web/service.ts': "import type { ServiceDefinition } from '../../core/service.ts';",
  'agent/main.ts': "import { run } from '../system/run.ts';",
  'components/server.ts': "import type { Agent } from '../agent/main.ts';",
  'stacks/haven.ts': "import { Server } from '../components/server.ts';",
  'cli/commands/up.ts': "import { createHaven } from '../../stacks/haven.ts';",
  'cli/commands/sandbox/start.ts': "import { startSandbox } from '../../../sandbox/sandbox.ts';",
  'sandbox/sandbox.ts': "import { run } from '../system/run.ts';",
  'setup/packages.ts': "import { run } from '../system/run.ts';",
  'setup/start.ts': "import { startSandbox } from '../sandbox/sandbox.ts';",
  'cli/up.test.ts': "import { startSandbox } from '../sandbox/sandbox.ts';",
};

const imagine = (changed: Record<string, string> = {}): ImportMap =>
  new Map(Object.entries({ ...sound, ...changed }).map(([file, text]) => [file, importsOf(file, text)]));

const mistakes: { mistake: string; files: Record<string, string>; found: RegExp }[] = [
  {
    mistake: 'core opens a file',
    files: { 'core/plan/plan.ts': "import { readFileSync } from 'node:fs';" },
    found: /^core\/plan\/plan\.ts imports node:fs: core is pure/,
  },
  {
    mistake: 'core waits by the clock',
    files: { 'core/service.ts': "import { setTimeout } from 'node:timers/promises';" },
    found: /^core\/service\.ts imports node:timers\/promises: core is pure/,
  },
  {
    mistake: 'core uses a package that is not on the list',
    files: { 'core/service.ts': "import ssh2 from 'ssh2';" },
    found: /^core\/service\.ts imports ssh2: core is pure/,
  },
  {
    mistake: 'core knows a service, if only a type of it',
    files: { 'core/service.ts': "import type { Web } from '../services/web/service.ts';" },
    found: /^core\/service\.ts imports services\/web\/service\.ts: that points the wrong way/,
  },
  {
    mistake: 'a service runs programs',
    files: { 'services/web/service.ts': "import { run } from '../../system/run.ts';" },
    found: /^services\/web\/service\.ts imports system\/run\.ts: that points the wrong way/,
  },
  {
    mistake: 'the agent knows the program that deploys',
    files: { 'agent/main.ts': "export * from '../stacks/haven.ts';" },
    found: /^agent\/main\.ts imports stacks\/haven\.ts: that points the wrong way/,
  },
  {
    mistake: 'a component runs code of the agent',
    files: { 'components/server.ts': "import { Agent, type Answer } from '../agent/main.ts';" },
    found: /^components\/server\.ts imports agent\/main\.ts: only its types may be imported here/,
  },
  {
    mistake: 'a stack knows the command line',
    files: {
      'stacks/haven.ts': "import {\n  Up,\n} from '../cli/commands/other.ts';",
      'cli/commands/other.ts': '',
    },
    found: /^stacks\/haven\.ts imports cli\/commands\/other\.ts: that points the wrong way/,
  },
  {
    mistake: 'a command imports the sandbox, only when it needs it',
    files: { 'cli/commands/up.ts': "const { startSandbox } = await import('../../sandbox/sandbox.ts');" },
    found: /^cli\/commands\/up\.ts imports sandbox\/sandbox\.ts: that points the wrong way/,
  },
  {
    mistake: 'a command gets to the sandbox by way of a command of the sandbox',
    files: { 'cli/commands/up.ts': "import Start from './sandbox/start.ts';" },
    found:
      /^production code gets to the sandbox: cli\/commands\/up\.ts → cli\/commands\/sandbox\/start\.ts → sandbox\/sandbox\.ts$/,
  },
  {
    mistake: 'what commands need to set up imports the sandbox',
    files: { 'setup/packages.ts': "import '../sandbox/sandbox.ts';" },
    found: /^setup\/packages\.ts imports sandbox\/sandbox\.ts: that points the wrong way/,
  },
  {
    mistake: 'the sandbox knows a command',
    files: { 'sandbox/sandbox.ts': "import Up from '../cli/commands/up.ts';" },
    found: /^sandbox\/sandbox\.ts imports cli\/commands\/up\.ts: that points the wrong way/,
  },
  {
    mistake: 'two files import each other',
    files: {
      'core/service.ts': "import { a } from './a.ts';",
      'core/a.ts': "import type { Service } from './service.ts';",
    },
    found: /^a circle of files: core\/service\.ts → core\/a\.ts → core\/service\.ts$/,
  },
  {
    mistake: 'two folders import each other, by other files',
    files: { 'core/service.ts': "import { a } from './plan/a.ts';", 'core/plan/a.ts': '' },
    found: /^a circle of folders: core\/plan → core → core\/plan$/,
  },
  {
    mistake: 'a folder that no rule knows',
    files: { 'panel/app.ts': "import { z } from 'zod';" },
    found: /^panel\/app\.ts: no rule says what it may import/,
  },
];

test('imports that point downward are in order', () => {
  assert.deepEqual(importFaults(imagine()), []);
});

for (const { mistake, files, found } of mistakes)
  test(`names the import where ${mistake}`, () => {
    const faults = importFaults(imagine(files));
    assert.ok(
      faults.some((each) => found.test(each)),
      `${found} is not among:\n${faults.join('\n')}`,
    );
  });

test("the project's own imports point downward, and nowhere in a circle", () => {
  const imports = readImports();
  assert.ok(imports.size > 250, `${imports.size} files were read`);
  assert.deepEqual(importFaults(imports), []);
});

test('only the commands that run the engine load it, since loading it takes longer than most others take in all', () => {
  const imports = readImports();
  const commands = [...imports.keys()].filter((file) => /^cli\/commands\/.*(?<!\.test)\.ts$/.test(file));
  assert.deepEqual(
    commands.filter((file) => loadedWith(file, imports).has('stacks/engine.ts')),
    ['destroy.ts', 'plan.ts', 'recover.ts', 'rollback.ts', 'state/show.ts', 'state/use.ts', 'up.ts'].map(
      (each) => `cli/commands/${each}`,
    ),
  );
});

test('tests of the agent load only what a server has: they also run bundled, under its own Node', () => {
  const imports = readImports();
  const elsewhere = /^(cli|components|engine|sandbox|services|stacks)\//;
  const loading = [...imports.keys()]
    .filter((file) => /^agent\/.*\.test\.ts$/.test(file))
    .flatMap((file) =>
      [...loadedWith(file, imports)].filter((each) => elsewhere.test(each)).map((each) => `${file}: ${each}`),
    );
  assert.deepEqual(loading, []);
});
