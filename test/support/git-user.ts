import type { Owner } from './owner.ts';

/** Creates a user in Gitea alone, not in this cloud, for load tests. Returns a token with all of Gitea's scopes. */
export async function makeGitUser(owner: Owner, name: string, password: string): Promise<string> {
  const user = ['--username', name, '--password', password, '--email', `${name}@example.org`];
  const rights = ['--must-change-password=false', '--access-token', '--access-token-scopes', 'all'];
  const command = ['gitea', 'admin', 'user', 'create', ...user, ...rights];
  const made = await owner.must(['exec', 'gitea', '--', ...command]);
  const token = /Access token was successfully created\.* (\S+)/.exec(made.stdout)?.[1];
  if (!token) throw new Error(`Gitea made ${name} without a token`);
  return token;
}
