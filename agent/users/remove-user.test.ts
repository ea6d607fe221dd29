import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notRemoved } from './remove-user.ts';

test('names the services that could not transfer the data of a removed user, and what to run', () => {
  assert.equal(
    notRemoved('ada', ['gitea', 'miniflux']),
    'ada is disabled, but not removed: gitea, miniflux could not transfer their data. Run the same command again. If that does not help, run: haven logs gitea',
  );
});
