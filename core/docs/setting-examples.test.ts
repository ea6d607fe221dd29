import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dnsProviderFacts } from '../../components/dns-providers.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { havenSchema } from '../config/config-schema.ts';
import { loadConfig } from '../config/load-config.ts';
import { settingExamples } from './setting-examples.ts';

test('every section of haven.yaml has an example, and together they are a valid file', async () => {
  assert.deepEqual(Object.keys(settingExamples), Object.keys(havenSchema.shape));
  const text = `${Object.values(settingExamples).join('\n')}\n`;
  const config = loadConfig(text, await loadCatalogue(), dnsProviderFacts);
  assert.equal(config.services.miniflux?.subdomain, 'rss');
});
