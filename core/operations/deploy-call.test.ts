import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeployCall, parseDeployCall, renderDeployCall } from './deploy-call.ts';

const call: DeployCall = {
  service: 'ledger',
  to: 'a1b2',
  op: '20261124T091500Z-abc123',
  deployLock: 'haven-run-x',
  holder: 'ada@laptop',
  speaks: 1,
};

test('the agent hears a deploy as it was asked for, with a release and without', () => {
  for (const asked of [call, { ...call, to: null }])
    assert.deepEqual(parseDeployCall(renderDeployCall(asked)), asked);
});

test('a deploy without a deploy lock is refused', () => {
  const words = renderDeployCall(call).filter((word) => word !== '--deploy-lock' && word !== call.deployLock);
  assert.throws(() => parseDeployCall(words), /--deploy-lock is missing/);
});
