import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settlePending } from './pending.ts';

const resource = (name: string, id?: string) => ({
  urn: `urn::${name}`,
  type: 'hcloud:index/server:Server',
  custom: true,
  inputs: { name },
  ...(id ? { id } : {}),
});

test('adopts a resource that an interrupted run created, and forgets one that it did not', async () => {
  const deployment = {
    resources: [resource('kept', '1')],
    pending_operations: [
      { resource: resource('made'), type: 'creating' },
      { resource: resource('not-made'), type: 'creating' },
      { resource: resource('kept', '1'), type: 'updating' },
    ],
  };
  const settled = await settlePending(deployment, async (_type, inputs) =>
    inputs.name === 'made' ? '77' : undefined,
  );
  assert.deepEqual(settled.adopted, ['urn::made']);
  assert.deepEqual(settled.forgotten, ['urn::not-made']);
  assert.deepEqual(
    settled.deployment.resources?.map((each) => [each.urn, each.id]),
    [
      ['urn::kept', '1'],
      ['urn::made', '77'],
    ],
  );
  assert.deepEqual(settled.deployment.pending_operations, []);
});

test('does not adopt a resource that is already in the state', async () => {
  const deployment = {
    resources: [resource('made', '5')],
    pending_operations: [{ resource: resource('made'), type: 'creating' }],
  };
  const settled = await settlePending(deployment, async () => '5');
  assert.equal(settled.deployment.resources?.length, 1);
});
