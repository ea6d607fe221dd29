import { tryOnMachine } from '../../sandbox/machine/machine.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { container, server } from './mail-lab.ts';
import { type InContainer, runUserHook } from './run-user-hook.ts';

/** Does what mail does when a user is disabled, in the lab's Dovecot. Answers with what its hook prints. */
export async function disableMailUser(name: string): Promise<string> {
  const { definition } = (await loadCatalogue()).get('mail')!;
  const inDovecot: InContainer = (command, variables) => {
    const given = Object.entries(variables).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
    return tryOnMachine(server.id, ['docker', 'exec', ...given, container('dovecot'), ...command]);
  };
  return runUserHook({ dovecot: inDovecot }, definition, { hook: 'disable', user: { name, subject: name } });
}
