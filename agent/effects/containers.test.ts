import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allUp, readContainers, readStatus } from './containers.ts';

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

test('reads the containers of all projects from one list', () => {
  const all = readContainers(
    [
      'haven-gitea\tgitea\t\ta1\trunning\tUp 2 hours (healthy)',
      'haven-ldap\tslapd\t\tb1\trunning\tUp 1 second (health: starting)',
      'haven-gitea\tmigrate\tonce\ta2\texited\tExited (0) 2 hours ago',
      '',
    ].join('\n'),
  );
  const gitea = { id: 'a1', name: 'gitea', state: 'running', health: 'healthy', exitCode: undefined };
  const migrate = { id: 'a2', name: 'migrate', state: 'exited', health: undefined, exitCode: 0 };
  assert.deepEqual(all.get('haven-gitea'), [
    { ...gitea, isOnce: false },
    { ...migrate, isOnce: true },
  ]);
  assert.deepEqual(
    [...all].map(([project, each]) => [project, allUp(each)]),
    [
      ['haven-gitea', true],
      ['haven-ldap', false],
    ],
  );
  assert.equal(readContainers('').size, 0);
});
