import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textKinds } from '../../core/mail/existing-texts.ts';
import { planMailCloud } from '../../test/support/mail-cloud.ts';
import { textsInDns } from './texts-in-dns.ts';

const plan = planMailCloud({ domains: [{ name: 'example.org', dns: 'manual' }] });
const environment = { CLOUDFLARE_API_TOKEN: 'unused' };
const dns = (texts: Record<string, string[]>) => async (name: string) => texts[name] ?? [];

test('in a zone that its owner keeps by hand, DNS tells what their SPF text allows', async () => {
  const before = dns({
    'example.org': ['site-verification=1', 'v=spf1 include:a.example mx -all'],
    'www.example.org': ['v=spf1 -all'],
    'shop.example.org': ['v=spf1 include:x.example -all'],
  });
  const found = await textsInDns(textKinds.spf, plan, environment, before);
  assert.deepEqual([...found], [['example.org', ['include:a.example']]]);
});

test('once the owner has entered ours, it adds nothing', async () => {
  const pins = { spf: { 'example.org': ['include:a.example'] } };
  const later = planMailCloud({ domains: [{ name: 'example.org', dns: 'manual' }], pins });
  const after = dns({ 'example.org': ['v=spf1 mx include:a.example ~all'] });
  assert.deepEqual([...(await textsInDns(textKinds.spf, later, environment, after))], []);
});

test('a DNS that does not answer is not one without a record', async () => {
  const away = async () => Promise.reject(new Error('queryTxt ETIMEOUT example.org'));
  await assert.rejects(
    textsInDns(textKinds.spf, plan, environment, away),
    /DNS \S+ TXT: can't be looked up \(queryTxt ETIMEOUT example\.org\).*Nothing was changed/,
  );
});

test('where the DNS provider is read, DNS is not asked', async () => {
  const never = async () => assert.fail('asked');
  assert.equal((await textsInDns(textKinds.spf, planMailCloud(), environment, never)).size, 0);
});
