import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStatus } from './containers.ts';

test("reads a container's state from Docker's status text", () => {
  for (const [said, health, exitCode] of [
    ['Created', undefined, undefined],
    ['Up 3 seconds', undefined, undefined],
    ['Up 1 second (health: starting)', 'starting', undefined],
    ['Up About a minute (healthy)', 'healthy', undefined],
    ['Up 2 hours (unhealthy)', 'unhealthy', undefined],
    ['Up 2 hours (Paused)', undefined, undefined],
    ['Exited (0) 5 seconds ago', undefined, 0],
    ['Exited (137) 2 weeks ago', undefined, 137],
    ['Restarting (2) 1 second ago', undefined, 2],
  ] as const)
    assert.deepEqual(readStatus(said), { health, exitCode }, said);
});
