import assert from 'node:assert/strict';
import { registerDomain, sandboxState } from '../../../sandbox/control.ts';
import { dig } from '../../../sandbox/internet/internet.ts';
import { lookAtWeb } from '../../../system/web-look.ts';
import { atDnsProvider } from '../../support/at-dns-provider.ts';
import type { Journey } from '../journey.ts';

/** Records that are changed at the DNS provider. */
export default (async (cloud, { step }) => {
  const { www } = cloud.hosts;

  await step('a record of ours that was edited is shown with both values, and put right', async () => {
    const { cloudflare } = await sandboxState();
    const zone = cloudflare.zones.find((each) => each.name === cloud.domain)!;
    const record = zone.records.find((each) => each.name === www && each.type === 'A')!;
    await atDnsProvider('PATCH', cloud.domain, `/${record.id}`, { content: '198.51.100.99' });
    const plan = await cloud.owner.plan();
    assert.deepEqual(
      plan.lines.map((each) => `${each.kind} ${each.name}: ${each.detail}`),
      [`update ${www} A: 198.51.100.99 → ${cloud.ipv4}`],
    );
    await cloud.owner.must(['up', '--yes']);
    assert.equal((await lookAtWeb(www)).address, cloud.ipv4);
  });

  await step('records written all at once are all served', async () => {
    await registerDomain('burst.test');
    for (let round = 0; round < 3; round++) {
      const names = Array.from({ length: 60 }, (_, n) => `n${round}-${n}.burst.test`);
      const record = { type: 'A', content: '198.51.100.222' };
      await Promise.all(names.map((name) => atDnsProvider('POST', 'burst.test', '', { name, ...record })));
      for (const name of [names[0]!, names.at(-1)!]) assert.equal(await dig(name, 'A'), record.content);
    }
  });
}) satisfies Journey;
