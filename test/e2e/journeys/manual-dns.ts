import assert from 'node:assert/strict';
import { sandboxState } from '../../../sandbox/control.ts';
import { waitUntil } from '../../../system/wait-until.ts';
import { lookAtWeb } from '../../../system/web-look.ts';
import { atDnsProvider } from '../../support/at-dns-provider.ts';
import { Owner } from '../../support/owner.ts';
import { plannedFor } from '../../support/planned-records.ts';
import type { Journey } from '../journey.ts';

/** A second cloud beside the first, at a DNS provider that we don't write to: its owner enters each record by hand. */
export default (async (_cloud, { step, after }) => {
  const domain = 'byhand.test';
  const owner = await Owner.beside(domain);
  after(() => owner.forget());
  const zone = async () => (await sandboxState()).cloudflare.zones.find((each) => each.name === domain)!;

  await step('each record is shown and waited for until it is entered', async () => {
    await owner.init({ dns: 'manual' });
    const entered = new Set<string>();
    let typing = Promise.resolve();
    const up = await owner.haven(['up', '--yes'], {
      onOutput: (text) => {
        for (const [, name, type, content] of text.matchAll(
          /^\s+((?:\S+\.)?byhand\.test) {2}([A-Z]+) {2}(.*?) {3}/gm,
        )) {
          if (entered.has(`${name} ${type} ${content}`)) continue;
          entered.add(`${name} ${type} ${content}`);
          const record = { name, type, ttl: 300, ...asEntered(type!, content!) };
          typing = typing.then(() => atDnsProvider('POST', domain, '', record));
        }
      },
    });
    await typing;
    assert.equal(up.code, 0, up.stderr);
    const records = (await zone()).records.map((each) => `${each.name} ${each.type}`).sort();
    assert.deepEqual(records, plannedFor(domain).toSorted());
    assert.equal((await lookAtWeb('www.byhand.test')).status, 200);
    assert.equal((await owner.plan()).code, 0);
  });

  await step('a record that is gone is in the next plan', async () => {
    const record = (await zone()).records.find(
      (each) => each.name === `www.${domain}` && each.type === 'AAAA',
    )!;
    await atDnsProvider('DELETE', domain, `/${record.id}`);
    await waitUntil('a plan that shows it', async () => {
      const { lines } = await owner.plan();
      return lines.length === 1 && lines[0]?.name === `www.${domain} AAAA`;
    });
  });

  await step(
    'destroyed with its data, it leaves nothing at the data centre; the other cloud is untouched',
    async () => {
      await owner.must(['destroy', '--with-data', '--confirm', domain]);
      const { hetzner } = await sandboxState();
      assert.deepEqual(
        [hetzner.servers, hetzner.volumes, hetzner.primary_ips].map((each) => each.length),
        [1, 1, 2],
      );
    },
  );
}) satisfies Journey;

/** What an owner makes of a line that is shown, in the form of their DNS provider. */
function asEntered(type: string, content: string): Record<string, unknown> {
  const parts = content.split(' ');
  const [first, second, third] = parts.map(Number);
  switch (type) {
    case 'CAA':
      return {
        data: { flags: first, tag: parts[1], value: content.slice(content.indexOf('"') + 1, -1) },
      };
    case 'TLSA':
      return { data: { usage: first, selector: second, matching_type: third, certificate: parts[3] } };
    case 'SRV':
      return { data: { priority: first, weight: second, port: third, target: parts[3] } };
    case 'MX':
      return { priority: first, content: parts[1] };
    default:
      return { content };
  }
}
