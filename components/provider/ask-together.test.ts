import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentLink } from './agent-link.ts';
import { AgentRefusal } from './agent-link.ts';
import { askTogether } from './ask-together.ts';

function agent(look: (command: string[]) => Promise<unknown>) {
  const alone: string[] = [];
  const link = {
    look,
    call: async ([question]: string[]) => {
      alone.push(question!);
      return `${question}, asked alone`;
    },
  } as unknown as Pick<AgentLink, 'call' | 'look'>;
  return { link, alone };
}

test('questions take one start of the agent, and each is answered or refused for itself', async () => {
  const { link, alone } = agent(async (command) => {
    assert.deepEqual(command, ['together', 'clock', 'list']);
    return [{ answer: 5 }, { why: 'Docker does not answer' }];
  });
  const together = askTogether(link, ['clock', 'list']);
  assert.equal(await together.call(['clock']), 5);
  await assert.rejects(together.call(['list']), (error) => error instanceof AgentRefusal);
  assert.deepEqual(alone, []);
  assert.equal(await together.call(['history', 'website']), 'history, asked alone');
});

test('an older agent is asked one by one, and a failure is told to all that wait for it', async () => {
  const { link, alone } = agent(() =>
    Promise.reject(new AgentRefusal('haven-agent: unknown command "together". Commands: clock, list')),
  );
  const together = askTogether(link, ['clock', 'list']);
  assert.equal(await together.call(['clock']), 'clock, asked alone');
  assert.deepEqual(alone, ['clock']);
  const silent = askTogether(agent(() => Promise.reject(new Error('no route'))).link, ['clock']);
  await assert.rejects(silent.call(['clock']), /no route/);
});
