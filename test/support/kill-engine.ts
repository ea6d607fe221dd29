import { readdirSync, readFileSync } from 'node:fs';

/**
 * Kills a run of `haven` and its engine and plugins at once, by the project's folder in their environment. Answers with how many
 * processes that were.
 */
export function killEngine(havenDirectory: string): number {
  let killed = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (
        !environment.includes(`HAVEN_DIRECTORY=${havenDirectory}\0`) ||
        !/pulumi|plugins|provider|bin\.mjs/.test(command)
      )
        continue;
      process.kill(Number(pid), 'SIGKILL');
      killed++;
    } catch (error) {
      // Processes end while we look.
      if (!['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return killed;
}
