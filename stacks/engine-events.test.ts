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
type State = ReturnType<typeof release>;

/** What the engine tells of a refresh, as recorded from a preview of version 3.250. */
const refreshed = (old: State, seen: State | undefined, name = 'release-website') => ({
  sequence: 1,
  timestamp: 0,
  resOutputsEvent: {
    metadata: {
      op: 'refresh',
      urn: old.urn.replace('release-website', name),
      type,
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
