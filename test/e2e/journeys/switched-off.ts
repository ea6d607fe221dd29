import assert from 'node:assert/strict';
import { onMachine } from '../../../sandbox/machine/machine.ts';
import type { Journey } from '../journey.ts';

/** A service that its owner stops stays off until it is started, through a change. The next one loses its link to the server. */
export default (async (cloud, { step }) => {
  const { ada, owner } = cloud;
  const url = `https://${cloud.hosts.ledger}`;
  /** How a service is, by what the server keeps for its pages. */
  const shownByPages = async (service: string): Promise<string | undefined> => {
    const kept = await cloud.onServer('cat /srv/haven/status/status.json');
    const { services } = JSON.parse(kept) as { services: { id: string; state: string }[] };
    return services.find(({ id }) => id === service)?.state;
  };

  await step(
    'stopped: its ports close, its visitors get a page, and a plan is not touched by it',
    async () => {
      await owner.must(['restart', 'ledger']);
      assert.equal(await shownByPages('ledger'), 'up');
      await Promise.all(['ledger', 'gitea'].map((service) => owner.must(['stop', service])));
      assert.equal(await shownByPages('ledger'), 'off', 'at once, not with the next minute');
      assert.equal(await cloud.answerTo(`${url}/version`), '503');
      assert.notEqual((await ada.git.git(['ls-remote', ada.ssh])).code, 0);
      const status = await cloud.status();
      assert.deepEqual(
        [status.code, status.of('ledger')[0]?.good],
        [0, true],
        'that is what its owner wants',
      );
      assert.equal((await owner.plan()).code, 0);
    },
  );

  await step('it stays off through a change, which is there when it is started', async () => {
    owner.edit('ledger: {}', 'ledger: { options: { version: "off" } }');
    await owner.must(['up', '--yes']);
    assert.equal(await cloud.answerTo(`${url}/version`), '503');
    await Promise.all(['ledger', 'gitea'].map((service) => owner.must(['start', service])));
    assert.equal(await cloud.pageAt(`${url}/version`), 'off');
    assert.equal(await shownByPages('ledger'), 'up');
    await ada.git.must(['ls-remote', ada.ssh]);
  });

  await step('a link that breaks is joined again, and up ends as it should', async () => {
    owner.edit('ledger: { options: { version: "off" } }', 'ledger: {}');
    const deploy = owner.haven(['up', '--yes', '--json']);
    await cloud.begunOperation('ledger');
    await onMachine(cloud.machine, ['pkill', '-KILL', '-f', 'sshd(-session)?: haven@']);
    const done = await deploy;
    assert.equal(done.code, 0, done.stdout + done.stderr);
    assert.equal((JSON.parse(done.stdout) as { changed: number }).changed, 1);
  });
}) satisfies Journey;
