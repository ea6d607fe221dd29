import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stateBackend } from './state-backend.ts';

test('the state is in the folder of the cloud, or in the one that HAVEN_STATE names', () => {
  assert.equal(stateBackend('/cloud/my state', undefined), 'file:///cloud/my%20state');
  assert.equal(stateBackend('/cloud/state', 'file:///mnt/state'), 'file:///mnt/state');
});

test('refuses a state that is not in a folder, which the engine could not open', () => {
  assert.throws(
    () => stateBackend('/cloud/state', 's3://bucket'),
    /^ProblemsError: HAVEN_STATE: "s3:\/\/bucket" is not the address of a folder\. Nothing was changed\. Write it as file:\/\/\/path/,
  );
});
