import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AlreadyExistsError, type Attribute, type Change, NoSuchObjectError } from 'ldapts';
import { withLock } from '../../system/with-lock.ts';
import { scratch } from '../../test/support/scratch.ts';
import { createDisabled, disableUnlessChecking, whileEnabled } from './check-accounts.ts';
import type { EntryWriter } from './ldap-users.ts';

/** In a process with this variable, this file holds the lock that it names, and tests nothing. */
const holdLock = 'HOLD_LOCK_OF_CHECK_ACCOUNTS';
const held = process.env[holdLock];
if (held)
  await withLock(held, async () => {
    console.log('checking');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  });

/** Entries in memory, with what slapd does on its own: a new password unlocks an entry (slapo-ppolicy(5)). */
class Entries implements EntryWriter {
  readonly #entries = new Map<string, Map<string, string[]>>();
  refuses = false;

  async add(dn: unknown, attributes: Attribute[] | Record<string, string[] | string>): Promise<void> {
    if (this.#entries.has(String(dn))) throw new AlreadyExistsError();
    assert.ok(!Array.isArray(attributes));
    const values = Object.entries(attributes).map(([type, value]) => [type, [value].flat()] as const);
    this.#entries.set(String(dn), new Map(values));
  }

  async modify(dn: unknown, changes: Change | Change[]): Promise<void> {
    if (this.refuses) throw new Error('connection refused');
    const entry = this.#entries.get(String(dn));
    if (!entry) throw new NoSuchObjectError();
    for (const { operation, modification } of [changes].flat()) {
      assert.ok('values' in modification);
      const values = modification.values.map(String);
      const before = entry.get(modification.type) ?? [];
      if (operation === 'delete')
        entry.set(
          modification.type,
          before.filter((each) => !values.includes(each)),
        );
      else entry.set(modification.type, operation === 'add' ? [...before, ...values] : values);
      if (modification.type === 'userPassword') entry.delete('pwdAccountLockedTime');
    }
  }

  open = <T>(work: (client: EntryWriter) => Promise<T>): Promise<T> => work(this);
  valuesOf = (dn: string, type: string): string[] => this.#entries.get(dn)?.get(type) ?? [];
  has = (name: string, type: string): string[] => this.valuesOf(`uid=${name},ou=users,dc=haven`, type);
  locked = (): string[] =>
    ['haven-check', 'haven-check-admin'].filter((name) => this.has(name, 'pwdAccountLockedTime').length > 0);
  passwords = (): string[] =>
    ['haven-check', 'haven-check-admin'].flatMap((name) => this.has(name, 'userPassword'));
}

const both = ['haven-check', 'haven-check-admin'];
const newLock = (): string => join(scratch('check-accounts'), 'lock');
async function newEntries(): Promise<Entries> {
  const entries = new Entries();
  await createDisabled(entries);
  return entries;
}

test('the accounts are created disabled, without a password, and disabled again when they exist', async () => {
  const entries = await newEntries();
  assert.deepEqual([entries.locked(), entries.passwords()], [both, []]);
  await whileEnabled(entries.open, newLock(), async () => {
    await createDisabled(entries);
    assert.deepEqual(entries.locked(), both);
  });
});

test('no account is in the group that administers the login, even if it was before', async () => {
  const entries = new Entries();
  const group = 'cn=admins,ou=groups,dc=haven';
  const members = ['uid=ada,ou=users,dc=haven', 'uid=haven-check-admin,ou=users,dc=haven'];
  await entries.add(group, { cn: 'admins', member: members });
  await createDisabled(entries);
  assert.deepEqual(entries.valuesOf(group, 'member'), ['uid=ada,ou=users,dc=haven']);
});

test('the accounts work during a check, each time with other passwords', async () => {
  const entries = await newEntries();
  const seen: string[] = [];
  for (const _ of [1, 2])
    await whileEnabled(entries.open, newLock(), async ({ user, admin }) => {
      assert.deepEqual([user.name, admin.name], both);
      assert.deepEqual(entries.passwords(), [user.password, admin.password]);
      assert.deepEqual(entries.locked(), []);
      seen.push(user.password, admin.password);
    });
  assert.equal(new Set(seen).size, 4);
  assert.ok(seen.every((each) => each.length >= 43));
  assert.deepEqual(entries.locked(), both);
});

test('a check that fails leaves the accounts disabled', async () => {
  const entries = await newEntries();
  const failed = whileEnabled(entries.open, newLock(), async () => {
    throw new Error('the login is broken');
  });
  await assert.rejects(failed, /^Error: the login is broken$/);
  assert.deepEqual(entries.locked(), both);
});

test('LDAP that refuses is named, and the check does not run', async () => {
  const entries = await newEntries();
  entries.refuses = true;
  const check = whileEnabled(entries.open, newLock(), async () => assert.fail('it ran'));
  await assert.rejects(check, /could not be enabled in LDAP: connection refused\. Run: haven logs ldap$/);
});

test('how a check ended is not hidden by LDAP that fails afterwards', async () => {
  const entries = await newEntries();
  const lock = newLock();
  const answer = await whileEnabled(entries.open, lock, async () => {
    entries.refuses = true;
    return 'passed';
  });
  assert.equal(answer, 'passed');
  assert.deepEqual(entries.locked(), []);
  entries.refuses = false;
  await disableUnlessChecking(entries.open, lock, entries.locked());
  assert.deepEqual(entries.locked(), both);
});

test('one check runs at a time', async () => {
  const entries = await newEntries();
  const lock = newLock();
  let running = 0;
  const most: number[] = [];
  const check = () =>
    whileEnabled(entries.open, lock, async () => {
      most.push(++running);
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.deepEqual(entries.locked(), []);
      running--;
    });
  await Promise.all([check(), check(), check()]);
  assert.deepEqual(most, [1, 1, 1]);
});

test('what a killed check left enabled is disabled, and what a running check uses is not', async () => {
  const entries = await newEntries();
  const lock = newLock();
  // Another process that holds the lock as a check does, and is killed.
  const checking = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
    env: { ...process.env, [holdLock]: lock },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(checking.stdout, 'data');
  // Enabled, as by that check.
  await whileEnabled(entries.open, newLock(), async () => {
    await disableUnlessChecking(entries.open, lock, entries.locked());
    assert.deepEqual(entries.locked(), []);
    const ended = once(checking, 'close');
    checking.kill('SIGKILL');
    await ended;
    for (let tries = 0; tries < 100 && entries.locked().length === 0; tries++) {
      await disableUnlessChecking(entries.open, lock, entries.locked());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.deepEqual(entries.locked(), both);
  });
});
