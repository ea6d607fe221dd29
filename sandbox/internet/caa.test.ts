import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCaa, whyForbidden } from './caa.ts';

test('CAA records allow and forbid as RFC 8659 and RFC 8657 say', () => {
  const ask = (records: string[], more: object = {}) =>
    whyForbidden({
      records: records.map((each) => parseCaa(each)!),
      issuer: 'ca.example',
      accountUri: 'https://ca.example/acct/1',
      method: 'http-01',
      wildcard: false,
      ...more,
    });
  assert.equal(ask([]), undefined);
  assert.equal(ask(['0 issue "ca.example"']), undefined);
  assert.equal(ask(['0 iodef "mailto:a@example.org"']), undefined, 'no issue property restricts nothing');
  assert.match(ask(['0 issue "other.example"'])!, /does not name ca\.example/);
  assert.match(ask(['0 issue ";"'])!, /does not name/);
  assert.equal(ask(['0 issue "other.example"', '0 issue "ca.example"']), undefined);
  assert.equal(
    ask(['0 issue "ca.example; accounturi=https://ca.example/acct/1; validationmethods=dns-01,http-01"']),
    undefined,
  );
  assert.match(ask(['0 issue "ca.example; accounturi=https://ca.example/acct/2"'])!, /another account/);
  assert.match(ask(['0 issue "ca.example; validationmethods=dns-01"'])!, /does not allow http-01/);
  assert.match(ask(['0 issue "ca.example"', '0 issuewild ";"'], { wildcard: true })!, /does not name/);
  assert.match(ask(['128 unknown "x"', '0 issue "ca.example"'])!, /critical property/);
});
