import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../system/project-root.ts';

/** Commands whose success needs a sandbox that runs, and so root and Docker: the test that types them there, and how. */
const elsewhere: Record<string, { file: string; typed: string }> = {
  'sandbox start': { file: 'test/e2e/cloud-under-test.ts', typed: 'npm start' },
  'sandbox stop': { file: 'test/e2e/journeys/sandbox.ts', typed: "'sandbox', 'stop'" },
};

/** Of these only the refusals are typed: one needs a screen, the other deletes what is on this machine. */
const refusalsOnly = ['sandbox open', 'sandbox reset'];

/** Commands that hand the terminal over to another program, and so print nothing of their own in JSON. */
const handOver = ['exec', 'ssh'];

/** Every command whose success no test types; `tests` are the texts of the typed tests. */
export function untyped(commands: string[], tests: string[]): string[] {
  const all = tests.join('\n');
  return commands.filter((id) =>
    handOver.includes(id)
      ? !all.includes(`spawned(['${id}'`)
      : !new RegExp(`\\bsucceeds(<[^(]*>)?\\(\\s*'${id}'`).test(all),
  );
}

const commands = globSync('**/*.ts', { cwd: join(projectRoot, 'cli/commands') })
  .filter((path) => !path.endsWith('.test.ts'))
  .map((path) => path.slice(0, -3).replaceAll('/', ' '))
  .sort();

test('a command whose success is not typed is named', () => {
  assert.deepEqual(
    untyped(['plan', 'exec', 'new one'], ["await succeeds('plan')", "spawned(['exec', 'x'])"]),
    ['new one'],
  );
  assert.deepEqual(
    untyped(['exec'], ["succeeds('exec')"]),
    ['exec'],
    'it is typed into a process of its own',
  );
});

test('every command is typed, and its success seen', () => {
  const tests = globSync('cli/commands/**/*.test.ts', { cwd: projectRoot }).map((file) =>
    readFileSync(join(projectRoot, file), 'utf8'),
  );
  assert.ok(commands.length > 30, `${commands.length} commands were found`);
  assert.deepEqual(
    untyped(
      commands.filter((id) => !(id in elsewhere) && !refusalsOnly.includes(id)),
      tests,
    ),
    [],
  );
});

test('what cannot be typed here is typed where it says', () => {
  for (const [id, { file, typed }] of Object.entries(elsewhere)) {
    assert.ok(commands.includes(id), `there is no command "${id}"`);
    assert.ok(
      readFileSync(join(projectRoot, file), 'utf8').includes(typed),
      `${file} does not type "${id}": ${typed} is not in it`,
    );
  }
});

test('every command with --json says by a schema what it prints', async () => {
  for (const id of commands.filter((each) => !handOver.includes(each))) {
    const path = join(projectRoot, 'cli/commands', `${id.replaceAll(' ', '/')}.ts`);
    const { output } = (await import(path)) as { output?: { parse?: unknown } };
    assert.equal(typeof output?.parse, 'function', `${id} exports no schema "output"`);
  }
});
