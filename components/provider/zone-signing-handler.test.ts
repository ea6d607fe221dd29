import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Ds } from '../../core/dns/zone-signing.ts';
import { listenCloudflareEmulator } from '../../sandbox/emulators/cloudflare/listen.ts';
import { signEmulatedZone } from '../../test/support/sign-emulated-zone.ts';
import { zoneSigningHandler as handler } from './zone-signing-handler.ts';

const inputs = { zone: 'example.org', dns: 'cloudflare' };

/** A zone at the emulated provider, whose registrar has the DS records in `atParent`. */
async function openZone(t: TestContext) {
  const atParent: Ds[] = [];
  const emulator = await listenCloudflareEmulator({ zones: { 'example.org': [] }, parentDs: () => atParent });
  const before = { ...process.env };
  t.after(async () => {
    process.env = before;
    await emulator.close();
  });
  Object.assign(process.env, {
    CLOUDFLARE_BASE_URL: emulator.url,
    CLOUDFLARE_API_TOKEN: emulator.token,
  });
  const patch = (status: 'active' | 'disabled') => signEmulatedZone(emulator, status);
  const status = () => emulator.state.zones[0]!.dnssec?.status;
  return { emulator, atParent, patch, status };
}

/** What a plan would change of it. */
async function changesOf({ id, outputs }: Awaited<ReturnType<typeof handler.create>>) {
  const read = await handler.read(id, outputs, inputs);
  assert.ok(read);
  return { read, changed: handler.diff(id, read.outputs, inputs, read.inputs).changed };
}

test('a zone that waits for its registrar, and one that is secure, are as planned and look the same', async (t) => {
  const { atParent, status } = await openZone(t);
  const preview = await handler.create(inputs, true);
  assert.deepEqual(preview.outputs, { ...inputs, isSigned: true });
  assert.equal(status(), undefined, 'a preview signs nothing');

  const made = await handler.create(inputs, false);
  const waiting = await changesOf(made);
  assert.equal(status(), 'pending');
  assert.deepEqual(waiting.changed, []);
  assert.deepEqual(waiting.read.outputs, made.outputs, 'a refresh finds nothing else');
  atParent.push(made.outputs.ds as Ds);
  const secure = await changesOf(made);
  assert.equal(status(), 'active');
  assert.deepEqual([secure.changed, secure.read.outputs], [[], made.outputs]);
});

test('a zone that was signed before keeps its key and its state', async (t) => {
  const { atParent, patch, emulator, status } = await openZone(t);
  const ds = await patch('active');
  atParent.push(ds);
  const serial = emulator.state.zones[0]!.serial;
  const made = await handler.create(inputs, false);
  assert.deepEqual(made.outputs.ds, ds);
  assert.deepEqual([emulator.state.zones[0]!.serial, status()], [serial, 'active']);
});

test('DNSSEC that was disabled is a change, and is enabled again', async (t) => {
  const { atParent, patch, status } = await openZone(t);
  const made = await handler.create(inputs, false);
  for (const atRegistrar of [[], [made.outputs.ds as Ds]]) {
    atParent.splice(0, atParent.length, ...atRegistrar);
    await patch('disabled');
    const { read, changed } = await changesOf(made);
    assert.deepEqual(changed, ['isSigned']);
    assert.deepEqual(await handler.update(read.id, read.outputs, inputs, true), made.outputs);
    assert.deepEqual(await handler.update(read.id, read.outputs, inputs, false), made.outputs);
    assert.match(String(status()), /^(pending|active)$/);
  }
});

test('it is deleted without a word to the provider: the zone stays signed', async (t) => {
  const { emulator, status } = await openZone(t);
  const { id, outputs } = await handler.create(inputs, false);
  const { serial } = emulator.state.zones[0]!;
  await handler.delete(id, outputs);
  assert.deepEqual([emulator.state.zones[0]!.serial, status()], [serial, 'pending']);
});

test('a zone that no longer exists there is gone, and other refusals are told', async (t) => {
  const { emulator } = await openZone(t);
  const { id, outputs } = await handler.create(inputs, false);
  emulator.state.zones.length = 0;
  assert.equal(await handler.read(id, outputs, inputs), undefined);
  process.env.CLOUDFLARE_API_TOKEN = 'wrong';
  await assert.rejects(handler.read(id, outputs, inputs), /Cloudflare answers 40[13]/);
  await assert.rejects(
    handler.create({ zone: 'example.org', dns: 'manual' }, false),
    /"manual" can't be told/,
  );
});
