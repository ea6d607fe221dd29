import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { dnsProviderFacts } from '../../components/dns-providers.ts';
import { loadConfig } from '../../core/config/load-config.ts';
import { plannedContent } from '../../core/dns/record.ts';
import { buildPlan } from '../../core/plan/plan.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { projectRoot } from '../../system/project-root.ts';

/** Golden files are reviewed like code. HAVEN_GOLDEN=write renews them; look at the difference before you commit it. */
function golden(file: string, text: string): void {
  const path = new URL(`./plans/${file}`, import.meta.url);
  if (process.env.HAVEN_GOLDEN === 'write' || !existsSync(path)) writeFileSync(path, text);
  assert.equal(text, readFileSync(path, 'utf8'), `${file} differs. If the change is meant: HAVEN_GOLDEN=write npm run test:unit -- golden`);
}

const catalogue = await loadCatalogue();
// Image names hold hashes of their folders; here they stand still, so that the plan shows what a plan is made of.
const pins = { version: 2 as const, images: { 'reverse-proxy': { caddy: 'openhaven/caddy:golden', haproxy: 'openhaven/haproxy:golden' }, website: { web: 'openhaven/caddy:golden' } } };
const config = loadConfig(readFileSync(`${projectRoot}/haven.example.yaml`, 'utf8'), catalogue, dnsProviderFacts);

test('the plan of the example is what was reviewed', () => {
  golden('example.json', `${JSON.stringify(buildPlan(config, catalogue, pins), null, 2)}\n`);
});

test('the same input gives the same plan', () => {
  assert.deepEqual(buildPlan(config, catalogue, pins), buildPlan(structuredClone(config), catalogue, structuredClone(pins)));
});

test('the zone that the example asks for is what was reviewed', () => {
  const plan = buildPlan(config, catalogue, pins);
  const lines = plan.records.map((record) => {
    const { name, ttlSeconds, type, stage, reason } = record;
    return `${name}. ${ttlSeconds} IN ${type} ${plannedContent(record)}\n    ; ${stage}: ${reason}`;
  });
  golden('example.zone', `${lines.join('\n')}\n`);
});
