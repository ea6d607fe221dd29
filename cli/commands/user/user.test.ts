import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { User } from '../../../core/users/user.ts';
import { testServices } from '../../../test/support/owner.ts';
import { fails, interrupt, openCloud, succeeds, type } from '../../../test/support/typist.ts';

const ada: User = {
  name: 'ada',
  givenName: 'Ada',
  surname: 'Lovelace',
  email: 'ada@example.org',
  groups: ['board'],
  enabled: true,
};
const link = 'https://login.example.org/realms/haven/login-actions/action-token?key=1';

const taken = 'gitea has no account for grace as it should be: an organization has the name grace.';
const namesake =
  'gitea: the account "ada" has the name or the address of ada, but is not linked to their login.';

/** A cloud with a login, one user, and a stub agent that answers for her; `asked` are the requests about users. */
async function withUsers(yaml = '', services = ['gitea']) {
  const answers: Record<string, (request: Record<string, unknown>) => unknown> = {
    list: () => [ada],
    add: ({ users }) => {
      const names = (users as { name: string }[]).map((each) => each.name);
      const notes = names.includes('grace') ? [taken] : [];
      return {
        added: names.filter((each) => each !== 'ada'),
        there: names.filter((each) => each === 'ada'),
        notes,
      };
    },
    invite: ({ name, sendTo }) => ({ name, link, hours: 72, ...(sendTo ? { sent: { to: sendTo } } : {}) }),
    switch: ({ enabled }) => ({ ...ada, enabled, notes: enabled ? [] : [namesake] }),
    groups: ({ join, leave }) => ({
      ...ada,
      groups: [...ada.groups, ...(join as string[])].filter((each) => !(leave as string[]).includes(each)),
      later: [],
    }),
    remove: () => ({ ...ada, notes: [namesake] }),
    rename: ({ to }) => ({ ...ada, name: to, later: ['gitea'], notes: [taken] }),
    password: ({ name }) => ({ name, oneTimePassword: 'abcd-efgh-jkmn' }),
    rescue: () => ({ name: 'haven-rescue', oneTimePassword: 'abcd-efgh-jkmn' }),
  };
  const cloud = await openCloud({
    services,
    yaml,
    agent: {
      user: (_, input) => {
        const request = JSON.parse(input) as { ask: string };
        return answers[request.ask]!(request as unknown as Record<string, unknown>);
      },
    },
  });
  const asked = (what: string) =>
    cloud.agent.asked
      .map(({ input }) => JSON.parse(input) as { ask: string } & Record<string, unknown>)
      .filter(({ ask }) => ask === what);
  return { cloud, asked };
}

test('adds a user and prints their invitation', async () => {
  const { asked } = await withUsers();
  const typed = ['grace', '--given-name', 'Grace', '--surname', 'Hopper', '--group', 'admins'];
  const { screen, json } = await succeeds<{ added: string[] }>('user add', typed);
  assert.deepEqual(json.added, ['grace']);
  assert.match(screen.stdout, /Grace Hopper is added\.\n {2}gitea has no account for grace as it should be/);
  assert.match(
    screen.stdout,
    /Send grace this link in private[\s\S]*works once and expires in 72 hours \(\w+day/,
  );
  assert.ok(screen.stdout.includes(link));
  assert.equal(asked('add')[0]?.domain, 'example.org');
});

test('says everything that is wrong with a new user', async () => {
  await withUsers();
  await fails(['user', 'add', 'grace'], 'usage', /--given-name is missing[\s\S]*--surname is missing/);
  await fails(
    ['user', 'add', 'ada', '--given-name', 'Ada', '--surname', 'Again'],
    'failed',
    /the name "ada" is already taken\. That user was left unchanged/,
  );
  const typed = ['user', 'add', 'grace', '--given-name', 'Grace', '--surname', 'Hopper', '--send-to'];
  await fails([...typed, 'grace'], 'usage', /"grace" is not an email address/);
  await fails([...typed, 'grace@example.com'], 'usage', /no account to send email with/);
});

test('checks a CSV file, asks, and adds its users', async () => {
  const { cloud, asked } = await withUsers();
  const file = cloud.write('users.csv', 'name,givenName,surname,groups\ngrace,Grace,Hopper,board\n');
  const { screen } = await succeeds('user add', ['--csv', file, '--dry-run']);
  assert.match(screen.stdout, /1 user would be added: grace/);
  await fails(['user', 'add', '--csv', file], 'declined', /adds 1 user: grace\. Nothing was changed.*--yes/);
  assert.equal(asked('add').length, 0, 'so far nobody was added');
  const done = await type(['user', 'add', '--csv', file], { answers: [[/adds 1 user/, true]] });
  assert.match(done.stdout, /1 user is added[\s\S]*1 have no invitation yet/);
  assert.equal(asked('add').length, 1);
});

test('lists every error of a CSV file by line, and adds nobody', async () => {
  const { cloud, asked } = await withUsers();
  const file = cloud.write('users.csv', 'name,givenName,surname\nroot,R,Oot\nada,Ada,Again\n');
  await fails(
    ['user', 'add', '--csv', file, '--yes'],
    'failed',
    /users\.csv:2: name "root" is reserved[\s\S]*users\.csv:3: the name "ada" is already taken/,
  );
  await fails(['user', 'add', '--csv', '/nope.csv'], 'usage', /\/nope\.csv: can't be read/);
  assert.equal(asked('add').length, 0);
});

test('lists users, for people and as CSV', async () => {
  await withUsers();
  const { screen, json } = await succeeds<User[]>('user list');
  assert.deepEqual(json, [ada]);
  assert.match(screen.stdout, /✔ ada +Ada Lovelace +board/);
  assert.match(
    (await type(['user', 'list', '--csv'])).stdout,
    /^name,givenName[\s\S]*\nada,Ada,Lovelace,board/,
  );
});

test('shows one user, or who was meant', async () => {
  await withUsers();
  const { screen, json } = await succeeds('user show', ['ada']);
  assert.deepEqual(json, ada);
  assert.match(screen.stdout, /Logs in as +ada[\s\S]*Can log in +yes/);
  await fails(['user', 'show', 'adaa'], 'failed', /there is no user "adaa"\. Did you mean "ada"/);
  await fails(['user', 'show', 'Ada Lovelace'], 'usage', /the name "Ada Lovelace" must/);
});

test('a cloud with a mail server of its own invites by email without an account elsewhere', async () => {
  const { asked } = await withUsers('', ['gitea', 'postbox']);
  process.env.HAVEN_SERVICES = testServices;
  const { screen } = await succeeds('user invite', ['ada', '--send-to', 'ada@example.com']);
  assert.match(screen.stdout, /Invitation sent to ada@example\.com/);
  assert.equal(asked('invite')[0]?.sendTo, 'ada@example.com');
});

test('invites a user, by a link or by email', async () => {
  const { asked } = await withUsers(
    'sending:\n  host: smtp.example.com\n  user: cloud\n  from: cloud@example.com',
  );
  await type(['secret', 'set', 'sending-password'], { input: 'password' });
  const { screen } = await succeeds('user invite', ['ada', '--send-to', 'ada@example.com']);
  assert.match(screen.stdout, /Invitation sent to ada@example\.com/);
  assert.equal(asked('invite')[0]?.newSecondFactor, false);
});

test('asks before what locks a user out, with their name and address', async () => {
  const { asked } = await withUsers();
  const lost = ['user', 'invite', 'ada', '--lost-second-factor'];
  const who = /Ada Lovelace \(ada@example\.org\)/;
  await fails(lost, 'declined', who);
  await fails(lost, 'declined', /Nothing was changed/, { answers: [[who, false]] });
  await fails(lost, 'interrupted', /Nothing was changed/, { answers: [[who, interrupt]] });
  await fails(['user', 'set-password', 'ada'], 'declined', who);
  await fails(['user', 'set-password', 'adaa', '--yes'], 'failed', /Did you mean "ada"/);
  assert.deepEqual([asked('invite'), asked('password')], [[], []]);
  await type(lost, { answers: [[who, true]] });
  assert.equal(asked('invite')[0]?.newSecondFactor, true);
});

test('gives a password for one login', async () => {
  await withUsers();
  const { screen, json } = await succeeds<{ address: string }>('user set-password', ['ada', '--yes']);
  assert.match(json.address, /^https:\/\/login\.example\.org\/realms\/haven\/account\//);
  assert.match(screen.stdout, /Tell ada in private:[\s\S]*Password +abcd-efgh-jkmn/);
});

test('disables and enables a user', async () => {
  await withUsers();
  const { screen, json } = await succeeds<User>('user disable', ['ada']);
  assert.equal(json.enabled, false);
  assert.match(screen.stdout, /is not linked to their login/);
  assert.equal((await succeeds<User>('user enable', ['ada'])).json.enabled, true);
});

test('changes groups; makes a group only with --create and an administrator only after a yes', async () => {
  const { asked } = await withUsers();
  const typed = ['user', 'groups', 'ada'];
  await fails(
    [...typed, '--join', 'admin'],
    'usage',
    /no group "admin"\. Nothing was changed\. Did you mean "admins"\?/,
  );
  await fails([...typed, '--join', 'Board'], 'usage', /the group "Board" must be/);
  await fails([...typed, '--join', 'admins'], 'declined', /Ada Lovelace \(ada\) becomes an administrator/);
  assert.deepEqual(asked('groups'), []);
  const { json } = await succeeds<User>('user groups', [
    'ada',
    '--join',
    'choir',
    '--create',
    '--leave',
    'board',
  ]);
  assert.deepEqual(json.groups, ['choir']);
  await type([...typed, '--join', 'admins'], { answers: [[/administrator/, true]] });
  assert.deepEqual(asked('groups').at(-1)?.join, ['admins']);
});

test('renames a user and says which services do not know it yet', async () => {
  await withUsers();
  const { screen, json } = await succeeds<{ later: string[] }>('user rename', ['ada', 'lovelace']);
  assert.deepEqual(json.later, ['gitea']);
  assert.match(
    screen.stdout,
    /ada is now called lovelace[\s\S]*Not updated yet; will be retried automatically: gitea\.\n {2}gitea has no account for grace/,
  );
  await fails(['user', 'rename', 'ada'], 'usage', /NEWNAME is missing.*haven user rename NAME NEWNAME/);
  await fails(['user', 'rename', 'ada', 'root'], 'usage', /"root" is reserved/);
});

test('removes a user whose name is typed', async () => {
  const { asked } = await withUsers();
  const typed = ['user', 'remove', 'ada'];
  await fails(typed, 'declined', /removes ada permanently.*haven user disable ada.*--confirm ada/);
  await fails(typed, 'declined', /"eve" is not ada/, { answers: [[/Type ada to continue/, 'eve']] });
  assert.deepEqual(asked('remove'), []);
  const { screen } = await succeeds('user remove', ['ada', '--transfer-to', 'grace', '--confirm', 'ada']);
  assert.match(screen.stdout, /belongs to grace now\.\n {2}gitea: the account "ada"/);
  assert.equal(asked('remove')[0]?.successor, 'grace');
});

test('creates a temporary administrator of the login', async () => {
  await withUsers();
  const { screen } = await succeeds('user rescue');
  assert.match(
    screen.stdout,
    /Open +https:\/\/login\.example\.org\/admin\/haven\/console\/[\s\S]*removed automatically/,
  );
});

test('a cloud without a login, without a server or with one that does not answer says so', async () => {
  await openCloud({ services: ['website'] });
  await fails(['user', 'list'], 'failed', /no service of this cloud has a login/);
  await openCloud({ services: ['gitea'] });
  await fails(['user', 'list'], 'failed', /example\.org: has no server yet\. Run: haven up/);
  const { cloud } = await withUsers();
  cloud.agent.answers.user = () => {
    throw new Error('LDAP is not running');
  };
  await fails(['user', 'list'], 'failed', /^ {2}server: LDAP is not running\.\n$/);
});
