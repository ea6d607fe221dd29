import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeployCall, parseDeployCall, renderDeployCall } from './deploy-call.ts';

const call: DeployCall = {
  service: 'ledger',
  to: 'a1b2',
  op: '20261124T091500Z-abc123',
  claim: {
    run: 'haven-run-x',
    holder: 'ada@laptop',
    speaks: 2,
    state: { place: '3fa9c1d2', basedOn: null },
    agent: null,
  },
};

test('the agent hears a deploy as it was asked for, with a release and without', () => {
  for (const asked of [call, { ...call, to: null }])
    assert.deepEqual(parseDeployCall(renderDeployCall(asked)), asked);
});

test('a deploy without a deploy lock is refused', () => {
  const words = renderDeployCall(call).slice(0, -2);
  assert.throws(() => parseDeployCall(words), /--claim is missing/);
});
