/** What the agent says to each question that it was asked together with others. */
export type Together = ({ answer: unknown } | { why: string })[];

/** Questions about this server that change nothing and take no words. */
const questions = new Set(['clock', 'list', 'disks', 'ban-list', 'alarm-list', 'backup-status']);

/** Answers questions side by side, each for itself: one that fails takes nothing from the others. */
export function answerTogether(
  commands: Record<string, (args: string[]) => Promise<unknown>>,
  asked: string[],
): Promise<Together> {
  return Promise.all(
    asked.map(async (question) => {
      try {
        if (!questions.has(question)) throw new Error(`haven-agent: "${question}" is asked alone.`);
        return { answer: await commands[question]!([]) };
      } catch (error) {
        return { why: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
}
