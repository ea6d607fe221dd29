import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences, ldifEntries } from './fingerprint.ts';

test('what is gone and what came is named under its heading; equal clouds differ in nothing', () => {
  const before = { containers: ['a', 'b', 'b'], records: ['x'] };
  assert.deepEqual(differences(before, structuredClone(before)), []);
  assert.deepEqual(differences(before, { containers: ['a', 'b'], records: ['x', 'y'], users: ['eve'] }), [
    'containers: - b',
    'records: + y',
    'users: + eve',
  ]);
});

test('an LDAP entry is one line in any order of its attributes; a changed password makes no difference, an added one does', () => {
  const one = 'dn: uid=ada\nuid: ada\ndescription: a long\n  line\nuserPassword:: e0FSR09OMn0x\n';
  const same =
    '# made by a tool\ndn: uid=ada\nuserPassword:: e0FSR09OMn0y\ndescription: a long line\nuid: ada\n\n';
  assert.deepEqual(ldifEntries(one), [
    'dn: uid=ada; description: a long line; uid: ada; userPassword: [set]',
  ]);
  assert.deepEqual(ldifEntries(same), ldifEntries(one));
  assert.notDeepEqual(ldifEntries(`${one}userPassword:: e0FSR09OMn0z\n`), ldifEntries(one));
});
