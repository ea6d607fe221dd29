import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mtaStsId, mtaStsPolicy } from './mta-sts-policy.ts';

test('a policy is lines that end as RFC 8461 says', () => {
  assert.equal(
    mtaStsPolicy('mail.example.org'),
    'version: STSv1\nmode: enforce\nmx: mail.example.org\nmax_age: 604800\n',
  );
});

test('the id is the same for the same text, and changes with it', () => {
  const policy = mtaStsPolicy('mail.example.org');
  assert.match(mtaStsId(policy), /^[a-z0-9]{32}$/);
  assert.equal(mtaStsId(policy), mtaStsId(mtaStsPolicy('mail.example.org')));
  for (const other of [mtaStsPolicy('mx.example.org'), mtaStsPolicy('mail.example.org', 'testing')])
    assert.notEqual(mtaStsId(policy), mtaStsId(other));
});
