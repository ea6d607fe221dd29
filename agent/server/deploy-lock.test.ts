import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { deployLockMs, type LockClaim } from '../../core/operations/deploy-lock.ts';
import { protocol } from '../../core/operations/protocol.ts';
import { Layout } from '../store/layout.ts';
import { ServerLock } from './deploy-lock.ts';

/** A server with an empty volume, and its time since boot. */
function emptyServer(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'haven-lock-'));
  t.after(() => rmSync(root, { recursive: true }));
  const clock = { ms: 5000 };
  return { clock, lock: new ServerLock(new Layout(root, join(root, 'run')), () => clock.ms) };
}

const ada = { place: '3fa9c1d2', basedOn: null };
const ben = { place: '0b5e77aa', basedOn: null };
const claim = (run: string, holder: string, state: LockClaim['state'] = null): LockClaim => ({
  run,
  holder,
  speaks: protocol,
  state,
  agent: null,
});

test('one run has the lock: a second one is refused until it is released or expires', async (t) => {
  const { clock, lock } = emptyServer(t);
  await lock.take(claim('run-1', 'ada@laptop'));
  await assert.rejects(lock.take(claim('run-2', 'ben@desk')), /ada@laptop is changing this server.*120 s/);
  await lock.release('run-2');
  await assert.rejects(lock.take(claim('run-2', 'ben@desk')), /ada@laptop/);
  await lock.release('run-1');
  await lock.take(claim('run-2', 'ben@desk'));
  clock.ms += deployLockMs;
  await lock.take(claim('run-3', 'ada@laptop'));
});

test('two terminals of one user are two runs', async (t) => {
  const { lock } = emptyServer(t);
  await lock.take(claim('run-1', 'ada@laptop'));
  await assert.rejects(lock.take(claim('run-2', 'ada@laptop')), /ada@laptop is changing this server/);
});

test('a renewed lock does not expire, and an expired one is not renewed', async (t) => {
  const { clock, lock } = emptyServer(t);
  await lock.take(claim('run-1', 'ada@laptop', ada));
  for (let minute = 0; minute < 10; minute++) {
    clock.ms += 60_000;
    assert.equal(await lock.renew('run-1'), true);
  }
  assert.equal(lock.held()?.stage, 'changing');
  clock.ms += deployLockMs;
  assert.equal(await lock.renew('run-1'), false);
  assert.equal(lock.held(), null);
});

test('a run whose lock expired does not go on once another run has stored its state', async (t) => {
  const { clock, lock } = emptyServer(t);
  await lock.take(claim('run-1', 'ada@laptop'));
  clock.ms += deployLockMs;
  await lock.take(claim('run-2', 'ben@desk', ben));
  await lock.putState('run-2', 'state of ben', ben);
  await lock.release('run-2');
  await assert.rejects(
    lock.take(claim('run-1', 'ada@laptop', ada)),
    /changed from elsewhere.*haven state show/,
  );
});

test('after an interrupted change only its own place goes on, until its state is stored', async (t) => {
  const { clock, lock } = emptyServer(t);
  await lock.take(claim('run-1', 'ada@laptop', ada));
  clock.ms += deployLockMs;
  const refused = /ada@laptop began to change this cloud and was interrupted.*haven state use server/;
  await assert.rejects(lock.take(claim('run-2', 'ben@desk', ben)), refused);
  await assert.rejects(lock.putState('run-2', 'state of ben', ben), refused);
  await lock.take(claim('run-3', 'ada@laptop', ada));
  const { id } = await lock.putState('run-3', 'state of ada', ada);
  await lock.release('run-3');
  await lock.take(claim('run-4', 'ben@desk', { ...ben, basedOn: id }));
});

test('the owner can give up what an interrupted change made', async (t) => {
  const { clock, lock } = emptyServer(t);
  await lock.take(claim('run-1', 'ada@laptop', ada));
  await assert.rejects(lock.forgetUnsent('run-2'), /ada@laptop is changing this server/);
  clock.ms += deployLockMs;
  await lock.forgetUnsent('run-2');
  await lock.take(claim('run-2', 'ben@desk', ben));
});

test('users are changed while a run only reads, and not while it changes the server', async (t) => {
  const { lock } = emptyServer(t);
  await lock.take(claim('run-1', 'ada@laptop'));
  assert.equal(await lock.whileUnchanged(async () => 'added'), 'added');
  await lock.take(claim('run-1', 'ada@laptop', ada));
  await assert.rejects(
    lock.whileUnchanged(async () => assert.fail('done all the same')),
    /ada@laptop is changing this server/,
  );
});

test('a deploy that begins waits until users are changed', async (t) => {
  const { lock } = emptyServer(t);
  const order: string[] = [];
  let end: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    void lock.whileUnchanged(async () => {
      resolve();
      await new Promise<void>((ends) => {
        end = ends;
      });
      order.push('user removed');
    });
  });
  await begun;
  const taken = lock.take(claim('run-1', 'ada@laptop', ada)).then(() => order.push('deploy begun'));
  end();
  await taken;
  assert.deepEqual(order, ['user removed', 'deploy begun']);
});
