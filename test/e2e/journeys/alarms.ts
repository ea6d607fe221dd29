import assert from 'node:assert/strict';
import type { z } from 'zod';
import type { output as alarmList } from '../../../cli/commands/alarm/list.ts';
import { waitUntil } from '../../../system/wait-until.ts';
import { RemoteReceiver } from '../../support/remote-receiver.ts';
import type { Journey } from '../journey.ts';

/** An owner who is told when something is wrong: by ntfy, at a receiver in a network of its own. */
export default (async (cloud, { step, after }) => {
  const { owner } = cloud;
  const yaml = owner.read();
  const lock = owner.read('haven.lock');
  const topic = 'a-topic-that-nobody-guesses-5';
  const receiver = await RemoteReceiver.start();
  after(() => receiver.remove());

  /** Has the server look at itself, as its timers do each minute, until the owner is told something. */
  const told = () =>
    waitUntil(
      'an alarm to arrive',
      async () => {
        await cloud.onServer('systemctl start haven-status.service && systemctl start haven-alarms.service');
        return receiver.take().find(({ path }) => path === `/${topic}`)?.body;
      },
      { timeoutMs: 120_000 },
    );
  const current = async (): Promise<string[]> => {
    const { alarms } = await owner.json<z.infer<typeof alarmList>>(['alarm', 'list']);
    return alarms.map(({ kind, subject }) => `${kind} ${subject}`);
  };

  await step('one line in haven.yaml and a topic: the plan shows it, and a test arrives', async () => {
    owner.edit('services:\n', `alarms:\n  ntfy: ${receiver.url}\nservices:\n`);
    await owner.must(['secret', 'set', 'alarm-ntfy-topic'], { input: topic });
    assert.equal((await owner.haven(['plan'])).code, 2);
    const up = await owner.must(['up', '--yes']);
    assert.ok(!(up.stdout + up.stderr).includes(topic), 'the topic is a secret');
    await owner.must(['alarm', 'test']);
    assert.deepEqual(
      receiver.take().map(({ path, headers }) => [path, headers.title]),
      [[`/${topic}`, `${cloud.domain}: test`]],
    );
  });

  await step(
    'a service that does not work is told, with what to run, and again when it is good',
    async () => {
      await cloud.onServer('docker stop haven-website-web-1');
      after(() => cloud.onServer('docker start haven-website-web-1'));
      const text = await told();
      assert.match(text, /website does not work[\s\S]*run: haven logs website/);
      assert.deepEqual(await current(), ['service website']);
      await cloud.onServer('docker start haven-website-web-1');
      await cloud.untilWell();
      assert.match(await told(), /^Good again\..*website/s);
      assert.deepEqual(await current(), []);
    },
  );

  await step('without the line nothing is sent any more', async () => {
    owner.write('haven.yaml', yaml);
    owner.write('haven.lock', lock);
    await owner.must(['up', '--yes']);
    assert.equal((await owner.haven(['alarm', 'test'])).code, 1);
    await cloud.onServer('systemctl start haven-alarms.service');
    assert.deepEqual(receiver.take(), []);
  });
}) satisfies Journey;
