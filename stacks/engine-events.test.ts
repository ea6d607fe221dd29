import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as automation from '@pulumi/pulumi/automation/index.js';
import { collect } from './engine-events.ts';

const type = 'haven:index:Release';
const release = (hash: string) => ({
  type,
  urn: `urn:pulumi:dev::openhaven::${type}::release-website`,
  custom: true,
  delete: false,
  id: 'website',
  parent: '',
  protect: false,
  provider: '',
  inputs: { hash },
  outputs: { hash, healthy: true },
});

/** What the engine tells of a refresh, as recorded from a preview of version 3.250. */
const refreshed = (old: object, seen: object | undefined, name = 'release-website', of = type) => ({
  sequence: 1,
  timestamp: 0,
  resOutputsEvent: {
    metadata: {
      op: 'refresh',
      urn: `urn:pulumi:dev::openhaven::${of}::${name}`,
      type: of,
      provider: '',
      old,
      ...(seen ? { new: seen } : {}),
    },
  },
});

async function driftOf(...events: object[]): Promise<string[]> {
  const { drifted, changes } = await collect(
    () => undefined,
    async (handler) => {
      for (const event of events) handler(event as automation.EngineEvent);
    },
  );
  assert.deepEqual(changes, [], 'a refresh changes nothing');
  return drifted;
}

test('finds no drift in a refresh that matches the state', async () => {
  assert.deepEqual(await driftOf(refreshed(release('a'), release('a'))), []);
});

test('another input, another output, another id, and a resource that is gone are each drift', async () => {
  const old = release('a');
  assert.deepEqual(
    await driftOf(
      refreshed(old, { ...old, inputs: { hash: 'b' } }, 'input'),
      refreshed(old, { ...old, outputs: { ...old.outputs, healthy: false } }, 'output'),
      refreshed(old, { ...old, id: 'other' }, 'id'),
      refreshed(old, undefined, 'gone'),
    ),
    ['input', 'output', 'id', 'gone'],
  );
});

test('an address that has got a server since its creation has not drifted; one that is another address has', async () => {
  const primaryIp = 'hcloud:index/primaryIp:PrimaryIp';
  const address = (ipAddress: string, assigneeId: number) => ({
    ...release('a'),
    type: primaryIp,
    outputs: { ipAddress, assigneeId },
  });
  assert.deepEqual(
    await driftOf(
      refreshed(address('192.0.2.1', 0), address('192.0.2.1', 7), 'assigned', primaryIp),
      refreshed(address('192.0.2.1', 0), address('192.0.2.2', 7), 'other', primaryIp),
    ),
    ['other'],
  );
});
