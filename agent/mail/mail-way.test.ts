import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Port25 } from '../../core/mail/choose-way.ts';
import type { RelayAnswer } from '../../core/mail/relay-answer.ts';
import { releaseHash } from '../../core/release/release.ts';
import type { MailSending } from '../../core/service.ts';
import { plainBundle } from '../../test/support/plain-bundle.ts';
import { scratch } from '../../test/support/scratch.ts';
import { storeBundle, switchCurrent } from '../store/bundle-store.ts';
import { Layout } from '../store/layout.ts';
import { tendMailWay } from './mail-way.ts';

const hour = 60 * 60_000;
const start = Date.parse('2026-11-29T12:00:00Z');
const relay = { host: 'smtp.relay.example', port: 587, user: 'ada' };

/** A server whose program that sends email is only a variable. */
function server(sending: MailSending) {
  const layout = new Layout(scratch('volume'), scratch('run'));
  const name = 'mail-relay-password';
  const deploy = (version: string): void => {
    const mailOut = { ...sending, container: 'postfix', way: ['way'], useWay: ['use'] };
    const secrets = { [name]: { generation: 1, readers: {}, given: name } };
    const bundle = plainBundle('mail', { version, mailOut, ...(sending.relay ? { secrets } : {}) });
    mkdirSync(layout.secrets('mail'), { recursive: true });
    writeFileSync(layout.secret('mail', name, 1), 'the-password');
    storeBundle(layout, bundle, releaseHash(bundle));
    switchCurrent(layout, 'mail', releaseHash(bundle));
  };
  deploy('1');
  const program = { way: 'relay', calls: [] as string[] };
  const world = { port25: 'blocked' as Port25, answer: { result: 'good' } as RelayAnswer, tries: 0 };
  const trials = {
    tryPort25: async () => {
      world.tries += 1;
      return world.port25;
    },
    tryRelay: async (_: unknown, password: string) => {
      assert.equal(password, 'the-password');
      return world.answer;
    },
    inProgram: async (_: unknown, [what = '', way = '']: string[]) => {
      if (what === 'way') return program.way;
      program.way = way;
      program.calls.push(way);
      return '';
    },
  };
  const tend = (after = 0, all = false) => tendMailWay(layout, { all, now: start + after, trials });
  return { layout, deploy, program, world, tend };
}

test('email changes its way where port 25 opens or closes, and the owner gets a notice of each', async () => {
  const { program, world, tend } = server({ mode: 'auto', relay });
  assert.equal((await tend())?.way, 'relay');
  assert.deepEqual(program.calls, [], 'it went by the relay already');
  world.port25 = 'open';
  assert.equal((await tend(23 * hour))?.way, 'relay', 'it is tried daily');
  assert.equal((await tend(24 * hour))?.way, 'direct');
  world.port25 = 'blocked';
  const memory = await tend(25 * hour);
  assert.deepEqual(program.calls, ['direct', 'relay']);
  assert.deepEqual(
    memory?.notices.map(({ text }) => text.split(':')[0]),
    ['Email now goes directly to other mail servers', 'Email now goes by the relay smtp.relay.example'],
  );
});

test('a new release, and an order, have everything tried at once', async () => {
  const { deploy, world, tend } = server({ mode: 'auto', relay });
  await tend();
  await tend(1);
  assert.equal(world.tries, 1);
  await tend(2, true);
  assert.equal(world.tries, 2);
  deploy('2');
  await tend(3);
  assert.equal(world.tries, 3);
});

test('what a relay said is remembered until it is tried again', async () => {
  const { world, tend } = server({ mode: 'relay', relay });
  world.answer = { result: 'refused', said: '535' };
  assert.deepEqual((await tend())?.relay?.answer, world.answer);
  world.answer = { result: 'good' };
  assert.equal((await tend(9 * 60_000))?.relay?.answer.result, 'refused');
  assert.equal((await tend(10 * 60_000))?.relay?.answer.result, 'good');
});

test('without a relay the program is not told anything, and without a program nothing is tried', async () => {
  const { layout, program, world, tend } = server({ mode: 'auto' });
  const memory = await tend();
  assert.equal(memory?.way, 'direct');
  assert.equal(memory?.port25, 'blocked');
  assert.deepEqual(program.calls, []);
  switchCurrent(layout, 'mail', null);
  assert.equal(await tend(1, true), null);
  assert.equal(world.tries, 1);
});

test('where the program could not be told, that is an error, and it is told at the next look', async () => {
  const { layout, world, program, tend } = server({ mode: 'auto', relay });
  world.port25 = 'open';
  const broken = {
    tryPort25: async () => 'open' as const,
    tryRelay: async () => ({ result: 'good' }) as const,
    inProgram: async (_: unknown, [what = '']: string[]) => {
      if (what === 'way') return 'relay';
      throw new Error('mail can not be told');
    },
  };
  await assert.rejects(tendMailWay(layout, { now: start, trials: broken }), /can not be told/);
  assert.equal((await tend(1))?.way, 'direct');
  assert.deepEqual(program.calls, ['direct']);
});
