import { ProblemsError } from '../../core/problem.ts';
import type { Project } from './project.ts';

/**
 * Has a sandbox make the images of what haven.yaml names, and waits until its servers have them. Real servers get their
 * images themselves; only in a sandbox HAVEN_IMAGES says whom to ask.
 */
export async function provideImages(
  project: Pick<Project, 'imageNeeds' | 'isSandbox'>,
  say: (progress: string) => void,
): Promise<void> {
  const address = process.env.HAVEN_IMAGES;
  if (!address || !project.isSandbox) return;
  const answer = await fetch(address, { method: 'POST', body: JSON.stringify(project.imageNeeds) });
  let isDone = false;
  for await (const line of linesOf(answer)) {
    const { progress, done, error } = JSON.parse(line) as { progress?: string; done?: true; error?: string };
    if (error !== undefined)
      throw new ProblemsError([
        {
          where: 'haven up',
          what: `the sandbox could not make an image: ${error}\nNothing was changed.`,
          remedy: 'Run the same command again once that is fixed.',
        },
      ]);
    if (progress) say(progress);
    isDone ||= done === true;
  }
  if (!isDone) throw new Error('The sandbox ended while it made images. Run: npm start');
}

async function* linesOf(answer: Response): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    yield* lines.filter(Boolean);
  }
}
