import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../operations/entries.ts';
import { type Facts, findConditions } from './find-conditions.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const now = Date.parse('2026-11-29T12:00:00Z');

/** A server on which everything is good. */
const good: Facts = {
  now,
  upSeconds: 90 * 60,
  failedUnits: [],
  isGuarding: true,
  status: { at: now - 30_000, services: [{ id: 'gitea', state: 'up' }] },
  journals: { gitea: [] },
  disks: [{ name: 'volume', usedShare: 0.4, fix: 'Raise server.diskGb.' }],
  certificates: { 'git.example.org': { notBefore: now - 10 * day, notAfter: now + 80 * day } },
  backups: null,
  overLimit: [],
};
const found = (changed: Partial<Facts>, held: string[] = []): string[] =>
  findConditions({ ...good, ...changed }, new Set(held)).conditions.map(
    ({ kind, subject, what }) => `${kind} ${subject}: ${what}`,
  );
const unknown = (changed: Partial<Facts>, key: string): boolean =>
  findConditions({ ...good, ...changed }).unknown(key);

const opened = (minutesAgo: number): Entry => ({
  entry: 'open',
  at: new Date(now - minutesAgo * minute).toISOString(),
  operation: { id: '1', service: 'gitea', from: 'a', to: 'b', touchesPrograms: true },
});
const at = new Date(now).toISOString();
const state = (id: string, seen: 'up' | 'down' | 'off' | 'changing', ageMs = 0): Facts['status'] => ({
  at: now - ageMs,
  services: [{ id, state: seen }],
});

test('a server on which everything is good has no condition', () => {
  assert.deepEqual(found({}), []);
});

test('a service that is down is one, and one that is stopped or being changed is not', () => {
  assert.match(found({ status: state('gitea', 'down') }).join(), /^service gitea: gitea does not work/);
  assert.deepEqual(found({ status: state('gitea', 'off') }), []);
  assert.deepEqual(found({ status: state('gitea', 'changing') }), []);
  assert.ok(unknown({ status: state('gitea', 'changing') }, 'service gitea'));
  assert.ok(!unknown({}, 'service gitea'));
});

test('after a boot services have time to start', () => {
  assert.deepEqual(found({ status: state('gitea', 'down'), upSeconds: 60 }), []);
  assert.ok(unknown({ upSeconds: 60 }, 'service gitea'));
});

test('checks that stopped are told, and then services are left out', () => {
  const old = { status: state('gitea', 'down', 11 * minute) };
  assert.match(found(old).join(), /^checks services: .*not been checked for more than 10 minutes/);
  assert.ok(unknown(old, 'service gitea'));
  assert.match(found({ status: null }).join(), /^checks services/);
});

test('a change counts after 15 minutes, or when it is stuck', () => {
  assert.deepEqual(found({ journals: { gitea: [opened(14)] } }), []);
  assert.match(
    found({ journals: { gitea: [opened(16)] } }).join(),
    /^operation gitea: .*more than 15 minutes/,
  );
  const retry = (): Entry => ({
    entry: 'retry',
    at,
    op: '1',
    step: 'snapshot',
    why: 'secret-from-a-service',
  });
  const stuck: Entry[] = [
    opened(2),
    ...(['prepare', 'enter-maintenance', 'stop-old', 'snapshot'] as const).map(
      (step): Entry => ({ entry: 'do', at, op: '1', step }),
    ),
    { entry: 'failed', at, op: '1', step: 'snapshot', why: 'secret-from-a-service' },
    retry(),
    retry(),
    retry(),
  ];
  const said = found({ journals: { gitea: stuck } }).join();
  assert.match(said, /^operation gitea: .*can't be completed or undone/);
  assert.doesNotMatch(said, /secret-from-a-service/);
});

test('a change that ended and left the service not working counts while it does not work', () => {
  const journal: Entry[] = [
    opened(3),
    { entry: 'finished', at, op: '1', outcome: 'undone', unwell: 'secret-from-a-service' },
  ];
  const said = found({ journals: { gitea: journal }, status: state('gitea', 'down') }).join('\n');
  assert.match(said, /^undone gitea: The last change of gitea ended/m);
  assert.doesNotMatch(said, /secret-from-a-service/);
  assert.deepEqual(found({ journals: { gitea: journal } }), []);
});

test('a journal that is damaged is named, and hides no other service', () => {
  assert.match(
    found({ journals: { gitea: null, website: [opened(20)] } }).join('\n'),
    /^journal gitea: .*\noperation website: /,
  );
});

test('a disk is full from 80 %, and no longer below 75 %', () => {
  const used = (usedShare: number) => ({ disks: [{ name: 'volume', usedShare, fix: '' }] });
  assert.deepEqual(found(used(0.79)), []);
  assert.match(found(used(0.8)).join(), /^disk volume: The volume is 80 % full/);
  assert.match(found(used(0.76), ['disk volume']).join(), /76 % full/);
  assert.deepEqual(found(used(0.74), ['disk volume']), []);
});

test('a certificate counts with 10 days left; a short-lived one with a quarter of its life', () => {
  const served = (ageDays: number, leftDays: number) => ({
    certificates: { 'a.org': { notBefore: now - ageDays * day, notAfter: now + leftDays * day } },
  });
  assert.deepEqual(found(served(79, 11)), []);
  assert.match(found(served(81, 9)).join(), /^certificate a\.org: .*valid for 9 more days/);
  assert.match(found(served(91, -1)).join(), /has expired/);
  assert.deepEqual(found(served(4, 2)), []);
  assert.match(found(served(5, 1)).join(), /1 more day,/);
  assert.ok(unknown({ certificates: { 'a.org': null } }, 'certificate a.org'));
  assert.deepEqual(found({ certificates: { 'a.org': null } }), []);
});

test('failed units are told, and not known where systemd does not answer', () => {
  assert.match(
    found({ failedUnits: ['haven-certificates.service', 'haven-recover.service'] }).join('\n'),
    /^renewal .*could not be renewed.*\ntimer haven-recover\.service: /,
  );
  assert.ok(unknown({ failedUnits: null }, 'timer haven-recover.service'));
  assert.ok(unknown({ failedUnits: null }, 'renewal haven-certificates.service'));
});

test('a server that counts no failed logins is told, and where systemd does not answer that is unknown', () => {
  assert.match(found({ isGuarding: false }).join(), /^bans fail2ban\.service: Failed logins are not counted/);
  assert.deepEqual(found({ isGuarding: null }), []);
  assert.ok(unknown({ isGuarding: null }, 'bans fail2ban.service'));
});

test('a backup that is too old is told by its service, and nothing where no backups are set up', () => {
  const lastNight = new Date(now - 9 * 60 * minute).toISOString();
  const old = new Date(now - 3 * day).toISOString();
  const backups = (at: string) => ({
    backups: {
      memory: { gitea: { success: { at, id: 'b1', bytes: 1 } } },
      expected: { gitea: now - 9 * day },
      waiting: [],
    },
  });
  assert.deepEqual(found(backups(lastNight)), []);
  assert.deepEqual(found(backups(old)), ['backup gitea: The last backup of gitea is 3 days old.']);
});

test('a user who wrote to too many recipients is one, and what the journal does not tell is not over', () => {
  assert.match(
    found({ overLimit: ['ada@example.org'] }).join(),
    /^sending-limit ada@example\.org: The user of ada@example\.org has written to so many recipients/,
  );
  assert.ok(unknown({ overLimit: null }, 'sending-limit ada@example.org'));
  assert.ok(!unknown({}, 'sending-limit ada@example.org'));
});

test('signatures of a virus scanner that are older than a week are one', () => {
  const made = (days: number) => ({ signatures: [{ service: 'mail', madeAt: now - days * day }] });
  assert.deepEqual(found(made(6)), []);
  assert.deepEqual(found(made(8)), [
    'signatures mail: The signatures of the virus scanner of mail are 8 days old.',
  ]);
});
