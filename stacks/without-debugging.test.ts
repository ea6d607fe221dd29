import assert from 'node:assert/strict';
import { test } from 'node:test';
import { log } from '@pulumi/pulumi';
import { withoutDebugging } from './without-debugging.ts';

test('what the SDK keeps for debugging is off during the work alone, also when that fails', async () => {
  const before = { debug: log.debug, limit: Error.stackTraceLimit };
  const during = await withoutDebugging(async () => ({ debug: log.debug, limit: Error.stackTraceLimit }));
  assert.notEqual(during.debug, before.debug);
  assert.equal(during.limit, 1);
  await assert.rejects(
    withoutDebugging(() => Promise.reject(new Error('no'))),
    /no/,
  );
  assert.deepEqual({ debug: log.debug, limit: Error.stackTraceLimit }, before);
});
