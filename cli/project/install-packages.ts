import { ProblemsError } from '../../core/problem.ts';
import { install, type SystemNeed } from '../../setup/packages.ts';

/** Installs Debian packages for a command; where that is not possible, says what to run. */
export async function installPackages(command: string, needs: SystemNeed[]): Promise<void> {
  try {
    await install(needs, () => undefined);
  } catch (error) {
    throw new ProblemsError([{ where: command, what: (error as Error).message, remedy: '' }]);
  }
}
