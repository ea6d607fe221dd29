import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DnsRecord } from '../../sandbox/emulators/cloudflare/state.ts';
import { dig } from '../../sandbox/internet/internet.ts';
import { sandboxEnvironment, sandboxState } from '../../sandbox/sandbox.ts';
import { lookAtWeb } from '../../system/web-look.ts';
import { Owner } from '../support/owner.ts';
import { plannedFor } from '../support/planned-records.ts';

/** A zone that its owner has used before, and DNS at a provider that we don't write to. */
const blank = {
  ttl: 300,
  proxied: false,
  comment: null,
  tags: [],
  settings: {},
  created_on: '2020-01-01T00:00:00Z',
  modified_on: '2020-01-01T00:00:00Z',
};

/** What an owner does by hand, at the DNS provider's own website. */
async function atDnsProvider(method: string, zone: string, path: string, body?: unknown): Promise<void> {
  const env = sandboxEnvironment();
  const { cloudflare } = await sandboxState();
  const id = cloudflare.zones.find((each) => each.name === zone)!.id;
  const answer = await fetch(`${env.CLOUDFLARE_BASE_URL}zones/${id}/dns_records${path}`, {
    method,
    headers: { authorization: `Bearer ${env.CLOUDFLARE_API_TOKEN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  assert.ok(answer.ok, await answer.text());
}

test('a name that is taken: up names it and changes nothing; with a named yes it is taken over in place', async () => {
  const mine: DnsRecord = {
    ...blank,
    id: 'a'.repeat(32),
    name: 'www.taken.test',
    type: 'A',
    content: '198.51.100.222',
  };
  const forbids: DnsRecord = {
    ...blank,
    id: 'c'.repeat(32),
    name: 'taken.test',
    type: 'CAA',
    content: '0 issue "other-authority.example"',
    data: { flags: 0, tag: 'issue', value: 'other-authority.example' },
  };
  const owner = await Owner.begin('taken.test', [mine, forbids]);
  try {
    await owner.init();
    const refused = await owner.haven(['up', '--yes']);
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /DNS www\.taken\.test A: a record for www\.taken\.test already exists and is not managed by OpenHaven \(A 198\.51\.100\.222\)\. Nothing was changed\./,
    );
    assert.match(refused.stderr, /haven up --adopt "www\.taken\.test A"/);
    const before = await sandboxState();
    assert.deepEqual(before.cloudflare.zones[0]!.records, [mine, forbids]);
    assert.equal(before.hetzner.servers.length, 0);

    // The authority is not allowed by the owner's own CAA: the sandbox refuses what the real one would refuse.
    const forbidden = await owner.haven(['up', '--yes', '--adopt', 'www.taken.test A']);
    assert.equal(forbidden.code, 1);
    assert.match(
      forbidden.stderr,
      /The certificate for www\.taken\.test was refused: CAA record for www\.taken\.test prevents issuance: "other-authority\.example" does not name/,
    );
    const kept = readFileSync(join(owner.directory, 'before.zone', 'taken.test.zone'), 'utf8');
    assert.match(kept, /www\.taken\.test\. 300 IN A 198\.51\.100\.222/);

    await atDnsProvider('DELETE', 'taken.test', `/${forbids.id}`);
    const done = await owner.haven(['up', '--yes']);
    assert.equal(done.code, 0, done.stderr);
    const { cloudflare } = await sandboxState();
    const now = cloudflare.zones[0]!.records.filter(
      (each) => each.name === 'www.taken.test' && each.type === 'A',
    );
    assert.deepEqual(
      now.map((each) => [each.id, each.content]),
      [[mine.id, '198.51.100.10']],
      'the same record, changed in place',
    );
    assert.equal((await lookAtWeb('www.taken.test')).status, 200);
    assert.equal((await owner.plan()).code, 0);
  } finally {
    owner.forget();
  }
});

test("a DNS provider that we don't write to: each record is shown, waited for, and looked at again in each plan", async () => {
  const owner = await Owner.begin('byhand.test');
  try {
    await owner.init({ dns: 'manual' });
    const entered: string[] = [];
    const shown = new Set<string>();
    let typing = Promise.resolve();
    const up = await owner.haven(['up', '--yes'], {
      onOutput: (text) => {
        for (const [, name, type, content] of text.matchAll(
          /^\s+((?:\S+\.)?byhand\.test) {2}([A-Z]+) {2}(.*?) {3}/gm,
        )) {
          if (shown.has(`${name} ${type} ${content}`)) continue;
          shown.add(`${name} ${type} ${content}`);
          entered.push(`${name} ${type}`);
          typing = typing.then(() =>
            atDnsProvider('POST', 'byhand.test', '', { name, type, ttl: 300, ...asEntered(type!, content!) }),
          );
        }
      },
    });
    await typing;
    assert.equal(up.code, 0, up.stderr);
    assert.deepEqual(entered.toSorted(), plannedFor('byhand.test').toSorted());
    assert.equal((await lookAtWeb('www.byhand.test')).status, 200);
    assert.equal((await owner.plan()).code, 0);
    assert.ok(
      !existsSync(join(owner.directory, 'before.zone')),
      "a zone that we can't read is not kept either",
    );

    const { cloudflare } = await sandboxState();
    const record = cloudflare.zones[0]!.records.find(
      (each) => each.name === 'www.byhand.test' && each.type === 'AAAA',
    )!;
    await atDnsProvider('DELETE', 'byhand.test', `/${record.id}`);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const plan = await owner.plan();
    assert.deepEqual(
      plan.lines.map((each) => `${each.what} ${each.name}`),
      ['DNS by hand www.byhand.test AAAA'],
    );
  } finally {
    owner.forget();
  }
});

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

test('records written all at once are all there, and the name server stands', async () => {
  const owner = await Owner.begin('burst.test');
  try {
    for (let round = 0; round < 3; round++) {
      const names = Array.from({ length: 60 }, (_, n) => `n${round}-${n}.burst.test`);
      await Promise.all(
        names.map((name) =>
          atDnsProvider('POST', 'burst.test', '', { name, type: 'A', content: '198.51.100.222' }),
        ),
      );
      assert.equal(await dig(names.at(-1)!, 'A'), '198.51.100.222');
      assert.equal(await dig(names[0]!, 'A'), '198.51.100.222');
    }
  } finally {
    await owner.forget();
  }
});
