import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dnsProvider } from '../../components/dns-providers.ts';
import { listenCloudflareEmulator } from '../../sandbox/emulators/cloudflare/listen.ts';
import { checkAtQuestion, checkDnsToken } from './token-checks.ts';

const cloudflare = dnsProvider('cloudflare');

test('says of a DNS token that it works, is rejected, does not see the domain, or could not be checked', async (t) => {
  const emulator = await listenCloudflareEmulator({ zones: { 'example.org': [] }, log: () => undefined });
  t.after(() => emulator.close());
  process.env.CLOUDFLARE_BASE_URL = emulator.url;
  assert.equal(await checkDnsToken(cloudflare, emulator.token, 'example.org'), true);
  const zones: string[] = [];
  const below = 'cloud.of.example.org';
  assert.equal(await checkDnsToken(cloudflare, emulator.token, below, (zone) => zones.push(zone)), true);
  assert.deepEqual(zones, ['example.org'], 'a name is in the nearest zone above it');
  await assert.rejects(
    cloudflare.open!({ CLOUDFLARE_API_TOKEN: emulator.token, CLOUDFLARE_BASE_URL: emulator.url }).records(
      below,
    ),
    /no zone cloud\.of\.example\.org .* below the domain in haven\.yaml, add the line "zone: example\.org"\./,
  );
  assert.equal(
    await checkDnsToken(cloudflare, emulator.token, 'example.net'),
    'Cloudflare has no zone example.net that this token can see. Add the domain there, or give the token access to it.',
  );
  assert.equal(
    await checkDnsToken(cloudflare, 'another', 'example.org'),
    'Cloudflare rejected this token. Create one under My Profile, API Tokens, with Zone:Read and DNS:Edit.',
  );
  await emulator.setFaults({ failNext: 1 });
  const check = () => checkDnsToken(cloudflare, emulator.token, 'example.org');
  assert.match(
    String(await checkAtQuestion(check)),
    /^Cloudflare can't answer right now: it has a fault of its own \(500\)\. Wait a few minutes/,
  );
  process.env.CLOUDFLARE_BASE_URL = 'http://127.0.0.1:1';
  assert.match(String(await checkAtQuestion(check)), /^Cloudflare can't be reached: /);
  await assert.rejects(check(), /^Error: Cloudflare can't be reached: /);
});

test('a provider without a token has nothing to check', async () => {
  assert.equal(await checkDnsToken(dnsProvider('manual'), '', 'example.org'), true);
});
