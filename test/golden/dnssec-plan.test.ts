import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { renderPlan } from '../../cli/output/print-plan.ts';
import { dnsProvider } from '../../components/dns-providers.ts';
import { describeSigning, describeWaiting, zonesToSign } from '../../core/dns/describe-signing.ts';
import { describeStillSigned } from '../../core/dns/describe-still-signed.ts';
import { type ZoneKey, type ZoneSigning, signingKey } from '../../core/dns/zone-signing.ts';
import { describeChanges } from '../../core/plan/describe-conflict.ts';
import { planMailCloud } from '../support/mail-cloud.ts';

/** Golden files are reviewed like code, as in plan.test.ts. */
function golden(file: string, text: string): void {
  const path = new URL(`./plans/${file}`, import.meta.url);
  if (process.env.HAVEN_GOLDEN === 'write' || !existsSync(path)) writeFileSync(path, text);
  assert.equal(text, readFileSync(path, 'utf8'), `${file} differs. If the change is meant: HAVEN_GOLDEN=write npm run test:unit -- golden`);
}

/** The example of RFC 6605 §6.1. */
const key: ZoneKey = {
  ds: { keyTag: 55648, algorithm: 13, digestType: 2, digest: 'B4C8C1FE2E7477127B27115656AD6256F424625BF5C1E2770CE6D6E37DF61D17' },
  flags: 257,
  publicKey: 'GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==',
};

test('what an owner reads about DNSSEC is what was reviewed', () => {
  const names = ['example.org', 'second.example', 'third.example'];
  const plan = planMailCloud({
    domains: [...names.map((name) => ({ name, dns: 'cloudflare' })), { name: 'fourth.example', dns: 'manual' }],
    receives: [...names, 'fourth.example'],
  });
  const signable = zonesToSign(plan.zones).filter(({ dns }) => dnsProvider(dns).signer);
  const changes = signable.map(({ name }, index) => ({
    kind: (['create', 'update', 'delete'] as const)[index]!,
    type: 'haven:index:ZoneSigning',
    name: signingKey(name),
    properties: [],
  }));
  const before = new Map<string, ZoneSigning>([
    ['example.org', { state: 'off' }],
    ['second.example', { state: 'ending', key }],
    ['third.example', { state: 'waiting', key }],
  ]);
  const shown = renderPlan({
    ...{ domain: 'example.org', isSandbox: false, stubs: [], builtHere: [], kept: 0, cost: undefined },
    ...{ unverified: [], foreign: 0, mail: [], dnssec: describeSigning(plan.zones, before) },
    ...describeChanges(changes, [], plan),
  });
  const after = new Map(before).set('example.org', { state: 'waiting', key });
  const destroyed = describeStillSigned([{ name: signingKey('example.org'), outputs: { isSigned: true, ds: key.ds } }]);
  const parts = [stripVTControlCharacters(shown), ...describeWaiting(plan.zones, after), '', ...destroyed];
  golden('dnssec.txt', `${parts.join('\n')}\n`);
});
