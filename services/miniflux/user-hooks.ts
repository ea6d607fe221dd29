import type { UserHooks } from '../../core/service.ts';
import { sqlHooks } from '../sql-hooks.ts';

/** Tables as of Miniflux 2.3.3 (internal/database/migrations.go). An account is found by the `sub` of its login. */
const inDatabase = sqlHooks('miniflux', {
  account: `SELECT id FROM users WHERE openid_connect_id = :'subject'`,
  namesakes: `SELECT username FROM users WHERE username IN (:'name', :'email')`,
});

/**
 * Everything that opens Miniflux without the login: passwords and tokens of its API, of Fever and of Google Reader.
 * There is no flag that disables a user, so `disable` puts a random text in front of each, and `enable` removes it
 * again: a program with the token then works as before. API keys would otherwise outlive every session.
 */
const keys = [
  { table: 'users', user: 'id', key: 'password' },
  { table: 'api_keys', user: 'user_id', key: 'token' },
  { table: 'integrations', user: 'user_id', key: 'fever_token' },
  { table: 'integrations', user: 'user_id', key: 'googlereader_password' },
];
const mark = 'haven-disabled-';
const uuidLength = 36;

const lockKeys = keys
  .map(
    ({ table, user, key }) =>
      `UPDATE ${table} SET ${key} = '${mark}' || gen_random_uuid() || ${key} ` +
      `WHERE ${user} IN (TABLE the_user) AND ${key} <> '' AND NOT starts_with(${key}, '${mark}');`,
  )
  .join('\n');
const unlockKeys = keys
  .map(
    ({ table, user, key }) =>
      `UPDATE ${table} SET ${key} = substr(${key}, ${mark.length + uuidLength + 1}) ` +
      `WHERE ${user} IN (TABLE the_user) AND starts_with(${key}, '${mark}');`,
  )
  .join('\n');

export const userHooks: UserHooks = {
  logOut: inDatabase('DELETE FROM web_sessions WHERE user_id IN (TABLE the_user);'),
  disable: inDatabase(lockKeys),
  enable: inDatabase(unlockKeys),
  // Feeds are of no use to other users. They are kept, under a name that no user can have, and no longer fetched.
  remove: inDatabase(
    `UPDATE users SET username = 'removed:' || id, is_admin = false WHERE id IN (TABLE the_user);
     UPDATE feeds SET disabled = true WHERE user_id IN (TABLE the_user);`,
  ),
  rename: [inDatabase(`UPDATE users SET username = :'new_name' WHERE id IN (TABLE the_user);`)],
  // A user who has never logged in has no account yet, so it is created as the first login would
  // (internal/storage/user.go, CreateUser).
  setAdmin: inDatabase(
    `INSERT INTO users (username, openid_connect_id)
       SELECT :'name', :'subject' WHERE :'is_admin' = 'true' AND NOT EXISTS (TABLE the_user);
     INSERT INTO categories (user_id, title)
       SELECT id, 'All' FROM users WHERE openid_connect_id = :'subject' AND NOT EXISTS (TABLE the_user);
     INSERT INTO integrations (user_id)
       SELECT id FROM users WHERE openid_connect_id = :'subject' AND NOT EXISTS (TABLE the_user);
     UPDATE users SET is_admin = :'is_admin' = 'true' WHERE openid_connect_id = :'subject';`,
  ),
};
