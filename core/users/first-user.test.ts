import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstUser } from './first-user.ts';
import { newUserSchema } from './user.ts';

test('an owner is a user and administrator by their name, in characters that everything accepts', () => {
  const groups = ['admins'];
  assert.deepEqual(firstUser('Ada Lovelace'), { name: 'ada', givenName: 'Ada', surname: 'Lovelace', groups });
  assert.deepEqual(firstUser(' Jürgen  von der Heide '), {
    ...{ name: 'jurgen', givenName: 'Jürgen von der', surname: 'Heide', groups },
  });
  assert.deepEqual(firstUser('Ada'), { name: 'ada', givenName: 'Ada', surname: 'Ada', groups });
});

test('a name that can not be one to log in with is "owner"', () => {
  for (const owner of ['李 小龙', 'Root', 'J. Doe', '4711'])
    assert.equal(newUserSchema.parse(firstUser(owner)).name, 'owner', owner);
});
