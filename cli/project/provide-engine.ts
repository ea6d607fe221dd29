import { ProblemsError } from '../../core/problem.ts';
import { ensureEngine, hasEngine } from '../../setup/engine.ts';
import { cacheDir } from '../../system/cache-dir.ts';
import { terminal } from '../output/terminal.ts';

/** The Pulumi engine, which a first plan on a computer downloads or builds. On every system, without a sandbox. */
export async function provideEngine(): Promise<void> {
  if (hasEngine()) return;
  terminal.tell(`  Once on this computer: downloading the Pulumi engine into ${cacheDir} ...\n`);
  try {
    await ensureEngine((what) => terminal.tell(`  ${what}\n`));
  } catch (error) {
    throw new ProblemsError([
      {
        where: 'haven',
        what: `the Pulumi engine could not be downloaded or built: ${(error as Error).message}`,
        remedy: 'Nothing was changed. Fix that, then run the command again.',
      },
    ]);
  }
}
