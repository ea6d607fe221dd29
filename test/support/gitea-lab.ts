import type { Bundle } from '../../core/release/release.ts';
import { loopbackPort } from '../../core/release/render-release.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import gitea from '../../services/gitea/service.ts';
import type { LabServer } from './lab.ts';

/** Gitea on a lab's server, as a program there reaches it, and its user. */
const address = `127.0.0.1:${loopbackPort(gitea, 'http')}`;
export const giteaOrigin = `http://${address}`;
export const giteaLogin = 'ada:Correct-horse-7';

/** Without its login, which needs a whole cloud around it. A program that asks for it is refused at once, so it does not wait. */
export function giteaBundle(server: LabServer, title: string): Bundle {
  const bundle = server.bundle('gitea', { title });
  delete bundle.release.login;
  delete bundle.release.userHooks;
  const text = bundle.files['compose.yaml']!;
  bundle.files['compose.yaml'] = text.replaceAll(':host-gateway', ':127.0.0.1');
  return bundle;
}

/** A release that ends at once: it knows no such database. */
export function brokenGiteaBundle(server: LabServer, title: string): Bundle {
  const bundle = giteaBundle(server, title);
  bundle.release.startTimeoutSeconds = 12;
  const text = bundle.files['compose.yaml']!;
  bundle.files['compose.yaml'] = text.replace('DB_TYPE: postgres', 'DB_TYPE: none');
  return bundle;
}

/** Makes the user, and a repository of theirs. Answers with its address, for pushes. */
export async function makeGiteaRepository({ id }: LabServer): Promise<string> {
  const [name = '', password = ''] = giteaLogin.split(':');
  const user = ['--username', name, '--password', password, '--email', 'ada@example.org'];
  const make = ['gitea', 'admin', 'user', 'create', ...user, '--must-change-password=false'];
  await onMachine(id, ['haven-agent', 'exec', 'gitea', '-', ...make]);
  const body = ['-H', 'Content-Type: application/json', '-d', '{"name":"load"}'];
  await onMachine(id, ['curl', '-fsS', '-u', giteaLogin, ...body, `${giteaOrigin}/api/v1/user/repos`]);
  return `http://${giteaLogin}@${address}/${name}/load.git`;
}
