import { after, before, describe } from 'node:test';
import { pathToFileURL } from 'node:url';

/**
 * Unit tests spend most of their time on loading modules, so many files share one process, where each module is loaded once.
 * Every file is a suite of its own there: its hooks are its own, and what it sets in the environment ends with it. All files
 * are loaded, one after the other, before the first test runs, because node counts a test to the suite that is being loaded.
 */
export function loadTogether(name: string, files: { name: string; path: string }[]): void {
  const common = { ...process.env };
  describe(name, async () => {
    for (const file of files)
      await new Promise<void>((resolve, reject) => {
        describe(file.name, async () => {
          let own = common;
          before(() => setEnvironment(own));
          after(() => setEnvironment(common));
          try {
            await import(pathToFileURL(file.path).href);
            resolve();
          } catch (error) {
            reject(error);
            throw error;
          } finally {
            own = { ...process.env };
            setEnvironment(common);
          }
        });
      });
  });
}

function setEnvironment(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
}
