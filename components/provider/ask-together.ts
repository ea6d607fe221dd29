import type { Together } from '../../agent/server/together.ts';
import { type AgentLink, AgentRefusal } from './agent-link.ts';

/** The agent, for questions that one start of it answers side by side: most of what a question takes is that start. */
export interface Asked {
  call<T>(question: string[]): Promise<T>;
}

/**
 * Asks questions together. Each is answered or refused for itself; whatever is not one of them is asked alone, and so is
 * each if the agent is an older one, which can't be asked so.
 */
export function askTogether(agent: Pick<AgentLink, 'call' | 'look'>, questions: string[]): Asked {
  const answers = agent.look<Together>(['together', ...questions]).catch((error: unknown) => {
    if (error instanceof AgentRefusal && /unknown command "together"/.test(error.message)) return [];
    throw error;
  });
  // Each question that waits for it is told.
  answers.catch(() => undefined);
  return {
    async call<T>(question: string[]) {
      const all = await answers;
      const said = question.length === 1 ? all[questions.indexOf(question[0]!)] : undefined;
      if (!said) return agent.call<T>(question);
      if ('why' in said) throw new AgentRefusal(said.why);
      return said.answer as T;
    },
  };
}
