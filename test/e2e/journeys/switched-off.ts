import assert from 'node:assert/strict';
import type { Journey } from '../journey.ts';

/** A service that its owner stops stays off until it is started. */
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
    owner.edit('ledger: { options: { version: "off" } }', 'ledger: {}');
    await owner.must(['up', '--yes']);
  });
}) satisfies Journey;
