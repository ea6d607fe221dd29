import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepsOf, type UserIdentity, variablesOf } from './run-hook.ts';
import { adminEvents, afterEvent, knows, type Told } from './service-admins.ts';

const ada: UserIdentity = { name: 'ada', subject: '1' };
const eve: UserIdentity = { name: 'eve', subject: '2' };
const events = (told: Told | undefined, hash: string, admins: UserIdentity[]) =>
  adminEvents(told, hash, admins).map(({ user, isAdmin }) => `${user.name} ${isAdmin}`);

test('a service that was told nothing learns all administrators', () => {
  assert.deepEqual(events(undefined, 'r1', [ada, eve]), ['ada true', 'eve true']);
});

test('a service learns only who joined and who left, and who left comes first', () => {
  assert.deepEqual(events({ hash: 'r1', admins: [ada] }, 'r1', [ada, eve]), ['eve true']);
  assert.deepEqual(events({ hash: 'r1', admins: [ada] }, 'r1', [eve]), ['ada false', 'eve true']);
  assert.deepEqual(events({ hash: 'r1', admins: [ada] }, 'r1', [ada]), []);
});

test('another release is told everything again, those who left included', () => {
  assert.deepEqual(events({ hash: 'r1', admins: [ada, eve] }, 'r2', [ada]), ['eve false', 'ada true']);
});

test('an administrator with another name is the same administrator', () => {
  assert.deepEqual(events({ hash: 'r1', admins: [ada] }, 'r1', [{ ...ada, name: 'lovelace' }]), []);
});

test('what was told is kept event by event, so that a cut-off run goes on where it ended', () => {
  const told: Told = { hash: 'r1', admins: [ada] };
  const gained = afterEvent(told, { hook: 'setAdmin', user: eve, isAdmin: true });
  assert.deepEqual(gained.admins, [ada, eve]);
  assert.deepEqual(afterEvent(gained, { hook: 'setAdmin', user: ada, isAdmin: false }).admins, [eve]);
});

test('the login is asked only where a service knows other administrators, or another release runs', () => {
  const told: Told = { hash: 'r1', admins: [eve, ada] };
  assert.equal(knows(told, 'r1', ['ada', 'eve']), true);
  assert.equal(knows(told, 'r2', ['ada', 'eve']), false);
  assert.equal(knows(told, 'r1', ['ada']), false);
  assert.equal(knows(undefined, 'r1', []), false);
});

test('a hook finds who is an administrator in IS_ADMIN, and an empty text for other hooks', () => {
  assert.equal(variablesOf({ hook: 'setAdmin', user: ada, isAdmin: false }).IS_ADMIN, 'false');
  assert.equal(variablesOf({ hook: 'logOut', user: ada }).IS_ADMIN, '');
});

test('a service without the hook has nothing to run, and disabling ends open sessions too', () => {
  const hook = (name: string) => ({ container: 'db', command: [name] });
  const hooks = {
    logOut: hook('logOut'),
    disable: hook('disable'),
    enable: hook('enable'),
    remove: hook('remove'),
  };
  assert.equal(stepsOf(hooks, 'setAdmin'), undefined);
  assert.deepEqual(
    stepsOf(hooks, 'disable')?.map(({ command }) => command[0]),
    ['disable', 'logOut'],
  );
});
