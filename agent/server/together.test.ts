import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerTogether } from './together.ts';

test('each question is answered or refused for itself, and nothing that changes the server is asked so', async () => {
  const commands = {
    clock: async () => ({ now: 5 }),
    list: () => Promise.reject(new Error('Docker does not answer')),
    deploy: () => assert.fail('it changes something'),
  };
  assert.deepEqual(await answerTogether(commands, ['clock', 'list', 'deploy']), [
    { answer: { now: 5 } },
    { why: 'Docker does not answer' },
    { why: 'haven-agent: "deploy" is asked alone.' },
  ]);
});
