import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { variablesOf } from '../agent/users/run-hook.ts';
import { run } from '../system/run.ts';
import { scratch } from '../test/support/scratch.ts';
import { sqlHooks } from './sql-hooks.ts';

/** A `psql` that prints the variables that it is given, and after them the SQL. */
const psql = `#!/bin/bash
while [ $# -gt 0 ]; do
  if [ "$1" = -v ]; then echo "$2" >&2; fi
  shift
done
cat >&2
`;

test('SQL can use all that the agent tells a hook', async () => {
  const folder = scratch('sql-hooks');
  writeFileSync(join(folder, 'psql'), psql, { mode: 0o755 });
  const hook = sqlHooks('notes', {
    account: `SELECT id FROM users WHERE sub = :'subject'`,
    namesakes: `SELECT name FROM users WHERE name = :'name'`,
  })('TABLE the_user;');
  const told = variablesOf({
    hook: 'remove',
    user: { name: 'ada', subject: 'ada-1', email: 'ada@example.org' },
    successor: { name: `eve "O'Hara" $HOME`, subject: 'eve-1' },
    newName: 'lovelace',
    isAdmin: true,
  });
  const [program, ...args] = hook.command;
  const { stderr } = await run(program!, args, {
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, ...told },
  });
  const lines = stderr.trim().split('\n');
  assert.match(
    lines.splice(-3, 2).join(' '),
    /^SELECT format\(.*\(SELECT name FROM users WHERE name = :'name'\)/,
  );
  assert.deepEqual(lines, [
    'ON_ERROR_STOP=1',
    'subject=ada-1',
    'name=ada',
    'email=ada@example.org',
    `successor=eve "O'Hara" $HOME`,
    'successor_subject=eve-1',
    'new_name=lovelace',
    'is_admin=true',
    `CREATE TEMP TABLE the_user ON COMMIT DROP AS SELECT id FROM users WHERE sub = :'subject';`,
    'TABLE the_user;',
  ]);
  for (const value of Object.values(told)) assert.ok(stderr.includes(`=${value}\n`), value);
});
