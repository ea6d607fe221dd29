import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AgentInstall, installProblem } from './agent-install.ts';

const lock = { run: 'run-1', holder: 'ben@desk', stage: 'changing', untilMs: 60_000 } as const;
const fine: AgentInstall = {
  own: { version: '0.10.0', sha256: 'abc' },
  installed: '0.9.0',
  held: null,
  busy: [],
  nowMs: 0,
};

test('an agent is installed on a new server, over an older one, over itself, and by the run that has the lock', () => {
  const held = { ...lock, agent: 'abc' };
  for (const change of [{}, { installed: null }, { installed: '0.10.0' }, { held }])
    assert.equal(installProblem({ ...fine, ...change }), undefined);
});

test('an older agent never replaces a newer one; the error names the version to install', () => {
  for (const installed of ['0.10.1', '0.11.0', '1.0.0'])
    assert.match(
      installProblem({ ...fine, installed })!,
      new RegExp(`Nothing was changed\\. Run: npm install --global openhaven@${installed} .*haven up`),
    );
});

test('no agent is installed while another run has the deploy lock, or an operation is running', () => {
  for (const agent of [null, 'def'])
    assert.match(installProblem({ ...fine, held: { ...lock, agent } })!, /ben@desk is changing this server/);
  assert.match(
    installProblem({ ...fine, busy: ['gitea', 'miniflux'] })!,
    /running on gitea, miniflux\. Nothing was changed\. .*haven up/,
  );
});
