import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverLimits } from '../../../cli/project/server-link.ts';
import { apiLimits } from '../../../components/api-call.ts';
import { agentLimits } from '../../../components/provider/agent-link.ts';
import { authorityPatience } from '../../../stacks/acme-account.ts';
import { sshLimits } from '../../../system/ssh.ts';
import { mostSeconds } from '../../support/judge-failure.ts';

/** The tables beside this file shorten these limits. What an owner waits for are these, each until its failure is named. */
const { answerMs, waitsMs } = authorityPatience;
const longest: Record<string, number> = {
  'a call of an API, with all its waits': apiLimits.callMs,
  'a connection to a server that is silent': serverLimits.patienceMs + sshLimits.handshakeMs,
  'an agent that is silent': agentLimits.quickMs,
  'an agent that is silent when it is asked for everything': agentLimits.lookMs,
  'a certificate authority': answerMs * (waitsMs.length + 1) + waitsMs.reduce((sum, each) => sum + each, 0),
};

for (const [what, ms] of Object.entries(longest))
  test(`an owner knows in time what is wrong: ${what}`, () => {
    assert.ok(ms / 1000 < mostSeconds, `${ms / 1000} s`);
  });
