import ora from 'ora';
import { terminal } from './terminal.ts';

/** After how long it is shown who is asked: a command that says nothing for longer looks as if it hung. */
export const asking = { afterMs: 1000 };

/**
 * Says who is asked, once the answer takes a moment: in a line that goes again where a person looks, else in one that stays. `work`
 * may say more, in lines that stay.
 */
export async function whileAsking<T>(
  whom: string,
  work: (say: (line: string) => void) => Promise<T>,
): Promise<T> {
  const spinner = ora({ stream: process.stderr });
  const show = (): void => {
    if (process.stderr.isTTY) spinner.start(`Asking ${whom}`);
    else terminal.tell(`  Asking ${whom} ...\n`);
  };
  const say = (line: string): void => {
    if (spinner.isSpinning) spinner.stopAndPersist({ symbol: ' ', text: line }).start(`Asking ${whom}`);
    else terminal.tell(`  ${line}\n`);
  };
  const timer = setTimeout(show, asking.afterMs);
  try {
    return await work(say);
  } finally {
    clearTimeout(timer);
    spinner.stop();
  }
}

/** `Hetzner, Cloudflare and the server` */
export const listed = (names: string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
