import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import type { Entry } from '../../core/operations/entries.ts';
import type { PastOperation } from '../../core/operations/history.ts';
import { projectRoot } from '../../system/project-root.ts';
import { Text } from '../../test/support/stub-agent.ts';
import { fails, openCloud, succeeds, type } from '../../test/support/typist.ts';
import { renderPast } from './history.ts';

const website: ServiceState = {
  service: 'website',
  release: 'b'.repeat(64),
  linked: 'b'.repeat(64),
  open: null,
  inMaintenance: false,
  switchedOff: true,
  healthy: true,
  differs: [],
  quotas: [{ name: 'files', usedBytes: 1.2e9, quotaGb: 2, isRaised: false }],
  stoppedSeconds: 2,
  problem: null,
};
const noBans = { isGuarding: true, bans: [] };
const disks = [{ name: 'volume', remedy: 'Delete something.', usedBytes: 4.01e9, totalBytes: 20e9 }];
const at = (second: number): string => `2026-11-24T09:30:${String(second).padStart(2, '0')}.000Z`;
const operation = { id: '1', service: 'website', from: null, to: 'b'.repeat(64), touchesPrograms: true };
const journal: Entry[] = [
  { entry: 'open', at: at(0), operation: { ...operation, versions: { to: '2.11.8' }, by: 'ada@laptop' } },
  { entry: 'finished', at: at(5), op: '1', outcome: 'committed' },
  {
    entry: 'open',
    at: at(10),
    operation: {
      ...operation,
      id: '2',
      from: 'b'.repeat(64),
      to: 'c'.repeat(64),
      versions: { from: '2.11.8', to: '2.11.9' },
      by: 'ben@desk',
    },
  },
  { entry: 'do', at: at(11), op: '2', step: 'enter-maintenance' },
  { entry: 'failed', at: at(12), op: '2', step: 'check', why: 'it answers 500\nand more' },
  { entry: 'undid', at: at(14), op: '2', step: 'enter-maintenance' },
  { entry: 'finished', at: at(15), op: '2', outcome: 'undone' },
];

test('checks every service, and says which one fails and when nothing answers', async () => {
  const cloud = await openCloud({
    agent: {
      clock: () => ({ now: Date.now() }),
      list: () => [website],
      disks: () => disks,
      'ban-list': () => noBans,
    },
  });
  const { screen, json } = await succeeds<{ good: boolean }[]>('status');
  assert.match(screen.stdout, /✔ website +is stopped\. To start it, run: haven start website\n/);
  assert.match(screen.stdout, /✔ bans +failed logins are counted; no address is banned\n/);
  assert.match(screen.stdout, /✔ volume +4\.0 of 20 GB in use\n/);
  assert.match(screen.stdout, /Data on the volume, with its snapshots\n +website +files +1\.2 of 2 GB/);
  assert.deepEqual(
    json.map((each) => each.good),
    [true, true, true],
  );
  cloud.agent.answers.clock = () => ({ now: Date.now() - 3_600_000 });
  const late = await type(['status']);
  assert.match(late.stdout, /✖ clock +the server's clock is 60 min behind/);
  assert.equal(late.code, 1);
});

test('says which data and which disk are nearly full, and what to do', async () => {
  const quota = { name: 'files', usedBytes: 1.7e9, quotaGb: 2, isRaised: false };
  const cloud = await openCloud({
    agent: {
      clock: () => ({ now: Date.now() }),
      list: () => [{ ...website, quotas: [quota] }],
      disks: () => [{ ...disks[0], usedBytes: 17e9 }],
      'ban-list': () => noBans,
    },
  });
  const high = await type(['status']);
  assert.match(
    high.stdout,
    /✔ website .*"files" takes 1\.7 of 2 GB\. .*raise services\.website\.quotaGb\.files .*haven up/,
  );
  assert.match(high.stdout, /✔ volume +17 of 20 GB in use\. Delete something\./);
  assert.equal(high.code, 0);
  quota.usedBytes = 2.1e9;
  cloud.agent.answers.disks = () => [{ ...disks[0], usedBytes: 19.9e9 }];
  const full = await type(['status']);
  assert.match(full.stdout, /✖ website .*"files" takes 2\.1 of 2 GB[\s\S]*✖ volume +20 of 20 GB in use/);
  assert.equal(full.code, 1);
});

test('shows log lines, as they are and in JSON', async () => {
  const cloud = await openCloud({ agent: { logs: () => new Text('one\ntwo\n') } });
  const { screen, json } = await succeeds('logs', ['website', '--lines', '2']);
  assert.equal(screen.stdout, 'one\ntwo\n');
  assert.deepEqual(json, { service: 'website', lines: ['one', 'two'] });
  assert.deepEqual(cloud.agent.asked[0], { command: 'logs', args: ['website', '2'], input: '' });
  await fails(['logs', 'wesbite'], 'usage', /this cloud has no service "wesbite"\. Did you mean "website"/);
  await fails(['logs', 'website', '--lines', '0'], 'usage', /--lines: Expected an integer greater/);
});

test('a log line that names a page of ours is shown as it was written', async () => {
  const line = 'docs/owners/backups.md was pushed';
  await openCloud({ agent: { logs: () => new Text(`${line}\n`) } });
  const before = process.cwd();
  // There our own sentences name the page by its path.
  process.chdir('/');
  try {
    assert.equal((await type(['logs', 'website'])).stdout, `${line}\n`);
  } finally {
    process.chdir(before);
  }
});

test('lists what was changed: when in the time zone of the cloud, which version, and by whom', async () => {
  await openCloud({ agent: { list: () => [website], history: () => journal } });
  const { screen, json } = await succeeds<unknown[]>('history');
  assert.equal(json.length, 2);
  assert.equal(
    screen.stdout,
    [
      '  2026-11-24 10:30 CET  website        added 2.11.8             done, by ada@laptop  (bbbbbbb)',
      '  2026-11-24 10:30 CET  website        updated 2.11.8 → 2.11.9  undone: the previous version and its data were restored, stopped for 3 s, by ben@desk  (bbbbbbb → ccccccc)',
      '      check: it answers 500',
      '',
    ].join('\n'),
  );
  const same = { from: '2.11.9', to: '2.11.9' };
  const past = { service: 's', op: '1', at: at(0), from: 'a'.repeat(64), to: 'b'.repeat(64) };
  const shown = (more: Partial<PastOperation>): string =>
    renderPast({ ...past, outcome: 'committed', stoppedSeconds: undefined, why: undefined, ...more }, 'UTC');
  assert.match(shown({ versions: same }), / s +settings changed 2\.11\.9 +done {2}\(aaaaaaa → bbbbbbb\)$/);
  assert.match(shown({}), / s +changed +done/, 'an operation of an earlier agent has no versions');
  assert.match(
    shown({ outcome: 'open', unwell: 'starting the previous version fails: web ended\nlog' }),
    / not finished .*\n {6}it does not work: starting the previous version fails: web ended\n {6}to end it, run: haven operation abort s$/,
  );
  assert.match(shown({ outcome: 'undone', abortedBy: 'ada@laptop' }), /\n {6}aborted by ada@laptop$/);
  assert.match(shown({ to: null }), / s +removed +done {2}\(aaaaaaa\)$/);
  assert.match(shown({ to: past.from }), / s +repeated +done {2}\(aaaaaaa\)$/);
  await fails(['history', 'nope'], 'usage', /this cloud has no service "nope"/);
});

test('stops, starts and restarts a service', async () => {
  const cloud = await openCloud({
    agent: { switch: ([service, to]) => ({ ...website, service, switchedOff: to === 'off' }) },
  });
  assert.match(
    (await succeeds('stop', ['website'])).screen.stdout,
    /website is stopped\. .*haven start website/,
  );
  assert.match((await succeeds('start', ['website'])).screen.stdout, /website is running/);
  assert.match((await succeeds('restart', ['website'])).screen.stdout, /website is running again/);
  assert.deepEqual(
    new Set(cloud.agent.asked.map(({ args }) => args.join(' '))),
    new Set(['website off', 'website on', 'website restart']),
  );
  for (const command of ['stop', 'start', 'restart']) {
    await fails([command, 'nope'], 'usage', /this cloud has no service "nope"/);
    await fails([command], 'usage', /SERVICE is missing/);
  }
});

test('asks before it stops what other services need', async () => {
  const cloud = await openCloud({
    services: ['gitea'],
    agent: { switch: ([service]) => ({ ...website, service }) },
  });
  const what = /Without keycloak, these do not work fully: gitea, portal/;
  await fails(['stop', 'keycloak'], 'declined', what);
  await fails(['stop', 'keycloak'], 'declined', /Nothing was changed/, { answers: [[what, false]] });
  assert.deepEqual(cloud.agent.asked, []);
  assert.equal((await type(['stop', 'keycloak'], { answers: [[what, true]] })).code, 0);
  assert.equal((await type(['stop', 'keycloak', '--yes'])).code, 0);
});

const openJournal: Entry[] = [
  ...journal,
  { entry: 'open', at: at(20), operation: { ...operation, id: '3', from: 'b'.repeat(64) } },
  { entry: 'do', at: at(21), op: '3', step: 'stop-old' },
];

test('aborts an open change after a yes, and says what it leaves', async () => {
  const aborted = { service: 'website', operation: '3', outcome: 'undone', unwell: null as string | null };
  const cloud = await openCloud({ agent: { history: () => openJournal, abort: () => aborted } });
  const command = ['operation', 'abort', 'website'];
  const what = /The change of website is undone: its previous version is back, with the data from before\./;
  await fails(command, 'declined', what);
  await fails(command, 'declined', /Nothing was changed/, { answers: [[what, false]] });
  assert.ok(cloud.agent.asked.every((each) => each.command === 'history'));
  assert.match((await type(command, { answers: [[what, true]] })).stdout, /website is undone\.$/m);
  const { json } = await succeeds('operation abort', ['website', '--yes']);
  assert.deepEqual(json, aborted);
  const [asked] = cloud.agent.asked.filter((each) => each.command === 'abort');
  assert.match(asked!.args.join(' '), /^website \S+@\S+$/);
  aborted.unwell = 'web ended with status 2';
  assert.match(
    (await type([...command, '--yes'])).stdout,
    /It does not work: web ended with status 2\n.*haven logs website.*haven up/,
  );
  cloud.agent.answers.abort = () => {
    throw new Error('The data is not restored.');
  };
  await fails([...command, '--yes'], 'failed', /The data is not restored\./);
});

test('to abort where no change is open is a success', async () => {
  const cloud = await openCloud({ agent: { history: () => journal } });
  const { screen, json } = await succeeds('operation abort', ['website']);
  assert.match(screen.stdout, /No change of website is open/);
  assert.deepEqual(json, { service: 'website', operation: null, outcome: null, unwell: null });
  assert.ok(cloud.agent.asked.every((each) => each.command === 'history'));
  await fails(['operation', 'abort', 'nope'], 'usage', /this cloud has no service "nope"/);
});

/** What hands its own terminal over to `ssh` is typed into a process of its own. */
function spawned(args: string[], input = ''): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(projectRoot, 'cli/bin.mjs'), ...args], { env: process.env });
    const shown = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      shown.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      shown.stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, ...shown }));
    child.stdin.end(input);
  });
}

test('runs a command in a container: words, input and output are its own', async () => {
  const cloud = await openCloud({ agent: { exec: (_, input) => new Text(`read: ${input}`) } });
  const done = await spawned(['exec', 'website', '--', 'sh', '-c', 'cat a "b c"'], 'typed');
  assert.deepEqual(done, { code: 0, stdout: 'read: typed', stderr: '' });
  assert.deepEqual(cloud.agent.asked[0]?.args, ['website', '-', 'sh', '-c', 'cat a "b c"']);
  cloud.agent.answers.exec = () => {
    throw new Error('no such command');
  };
  assert.equal((await spawned(['exec', 'website', '--', 'nope'])).code, 1, 'its own exit code');
  const none = await type(['exec', 'website']);
  assert.match(none.stderr, /the command is missing\. Put it after "--"/);
  assert.equal(none.code, 64);
});

test('runs one command on the server', async () => {
  const cloud = await openCloud({ agent: { shell: (words) => new Text(words.join(' ')) } });
  assert.deepEqual(await spawned(['ssh', 'uptime', '-p']), { code: 0, stdout: 'uptime -p', stderr: '' });
  assert.equal(cloud.agent.asked.length, 1);
});

test('a server with another host key gets nothing', async () => {
  const cloud = await openCloud({ agent: { list: () => [website], history: () => journal } });
  const store = await cloud.secrets();
  await store.set('host-key-a', store.get('ssh-key')!);
  await fails(['history'], 'unreachable', /shows a host key that is not the one/);
  assert.deepEqual(cloud.agent.asked, []);
});
