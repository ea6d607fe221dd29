import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableProblem } from './firewall.ts';

test('a table is as it should be only if the kernel lists it exactly as the wanted one', () => {
  const table = 'table inet haven_trial {\n\tset uids {\n\t\ttype uid\n\t}\n}\n';
  assert.equal(tableProblem('haven_trial', table, table), undefined);
  const other = table.replace('type uid', 'type gid');
  assert.equal(tableProblem('haven_trial', table, other), 'firewall table haven_trial');
  assert.equal(tableProblem('haven_trial', table, undefined), 'firewall table haven_trial (missing)');
});
