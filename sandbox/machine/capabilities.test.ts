import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerCapabilities } from './capabilities.ts';

test('names the capabilities of the calling process', () => {
  assert.deepEqual(callerCapabilities('CapEff:\t0000000000000021\n'), ['CHOWN', 'KILL']);
  assert.ok(
    !callerCapabilities('CapEff:\t000001fffeffffff\n').includes('SYS_RESOURCE'),
    'bit 24 is missing here',
  );
});
