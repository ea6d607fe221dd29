import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from './changes.ts';
import { monthlyCost, type Pricing } from './cost.ts';
import type { Plan } from './plan.ts';

const price = (net: string, gross: string) => ({ net, gross });
const at = (net: string, gross: string) => [{ location: 'fsn1', price_monthly: price(net, gross) }];
const pricing: Pricing = {
  currency: 'EUR',
  vat_rate: '19.000000',
  server_types: [
    { name: 'cx23', prices: at('4', '4.76') },
    { name: 'cx33', prices: at('6', '7.14') },
  ],
  primary_ips: [
    { type: 'ipv4', prices: at('0.5', '0.595') },
    { type: 'ipv6', prices: at('0', '0') },
  ],
  volume: { price_per_gb_month: price('0.05', '0.0595') },
};
const planFor = (type: string, location = 'fsn1') =>
  ({ server: { type, location }, volume: { sizeGb: 20 } }) as Plan;
const server = (before: string | undefined, after: string | undefined): Change => ({
  kind: before === undefined ? 'create' : after === undefined ? 'delete' : 'update',
  type: 'hcloud:index/server:Server',
  name: 'a',
  properties: [],
  ...(before === undefined ? {} : { before: { serverType: before, location: 'fsn1' } }),
  ...(after === undefined ? {} : { after: { serverType: after, location: 'fsn1' } }),
});
const shown = (net: number, gross: number): string => `${net.toFixed(2)} / ${gross.toFixed(2)}`;

test('adds up server, address and volume by the prices of the location, without and with VAT', () => {
  const cost = monthlyCost(planFor('cx23'), [], pricing)!;
  assert.equal(shown(cost.net, cost.gross), '5.50 / 6.54');
  assert.deepEqual([cost.currency, cost.vatPercent], ['EUR', 19]);
  assert.deepEqual(
    cost.parts.map(({ what, net, gross }) => `${what}: ${shown(net, gross)}`),
    ['server cx23: 4.00 / 4.76', 'IPv4 address: 0.50 / 0.59', 'volume 20 GB: 1.00 / 1.19'],
  );
});

const volume: Change = {
  kind: 'update',
  type: 'hcloud:index/volume:Volume',
  name: 'v',
  properties: ['size'],
  before: { size: 10 },
  after: { size: 20 },
};
const changes: [what: string, changes: Change[], added: string][] = [
  ['nothing', [{ ...volume, kind: 'keep' }], '0.00 / 0.00'],
  ['a first server', [server(undefined, 'cx33')], '6.00 / 7.14'],
  ['a larger server and volume', [server('cx23', 'cx33'), volume], '2.50 / 2.97'],
  ['a smaller server', [server('cx33', 'cx23')], '-2.00 / -2.38'],
  ['a server that is deleted', [server('cx23', undefined)], '-4.00 / -4.76'],
  ['a record', [{ ...volume, type: 'any:index:Record', kind: 'create' }], '0.00 / 0.00'],
];
for (const [what, made, added] of changes)
  test(`says what a change adds: ${what}`, () => {
    const cost = monthlyCost(planFor('cx33'), made, pricing)!;
    assert.equal(shown(cost.added.net, cost.added.gross), added);
  });

test('gives no figure for a server without a price at its location', () => {
  assert.equal(monthlyCost(planFor('cx23', 'ash'), [], pricing), undefined);
  assert.equal(monthlyCost(planFor('cax11'), [], pricing), undefined);
});
