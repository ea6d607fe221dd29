import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderProblem } from '../problem.ts';
import type { Backup } from './backup.ts';
import { chooseBackup } from './choose-backup.ts';

const backup = (id: string, at: string, service = 'gitea'): Backup => ({
  id,
  at,
  service,
  release: 'r1',
  version: '1.25.5',
  data: ['files'],
  why: 'nightly',
});
const backups = [
  backup('b', '2026-11-28T02:30:00.000Z'),
  backup('a', '2026-11-27T02:30:00.000Z'),
  backup('c', '2026-11-29T02:30:00.000Z'),
  backup('x', '2026-11-29T10:00:00.000Z', 'website'),
];
const choose = (at?: string, service = 'gitea') => {
  const chosen = chooseBackup(backups, { service, at, timeZone: 'Europe/Berlin' });
  return 'backup' in chosen ? chosen.backup.id : renderProblem(chosen.problem);
};

test('takes the newest, or the newest at or before a time', () => {
  assert.equal(choose(), 'c');
  assert.equal(choose('2026-11-28 03:30'), 'b');
  assert.equal(choose('2026-11-28 03:29'), 'a');
  assert.equal(choose('2026-11-28'), 'b');
});

test('says what is wrong with a choice, and what to type', () => {
  assert.equal(
    choose('tomorrow'),
    'haven restore gitea --at: "tomorrow" is not a time. Type it like "2026-11-28 03:30" (in Europe/Berlin), or like 2026-11-28 for the last backup of that day.',
  );
  assert.equal(
    choose('2026-11-01'),
    'haven restore gitea --at: there is no backup of gitea from "2026-11-01" or before. The oldest is from 2026-11-27T02:30:00.000Z. To see them, run: haven backup list gitea',
  );
  assert.equal(
    choose(undefined, 'ldap'),
    'haven restore ldap: ldap has no backup yet. Make one: haven backup now',
  );
});
