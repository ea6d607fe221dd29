import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Project } from './project.ts';
import { serverAddress } from './server-link.ts';

/**
 * Runs ssh with this cloud's own key, this terminal being its input and output; only if the server answers with the
 * host key that was made for it. Without a command it is a shell. Answers with ssh's exit status.
 */
export async function openShell(project: Project, command: string[], terminal = false): Promise<number> {
  const { sshKey, hostKey } = await project.keys();
  const host = await serverAddress(project);
  const folder = mkdtempSync(join(tmpdir(), 'haven-ssh-'));
  try {
    writeFileSync(join(folder, 'key'), sshKey.private, { mode: 0o600 });
    writeFileSync(join(folder, 'known'), `${host} ${hostKey.public.split(' ').slice(0, 2).join(' ')}\n`);
    const settings = {
      UserKnownHostsFile: join(folder, 'known'),
      StrictHostKeyChecking: 'yes',
      IdentitiesOnly: 'yes',
      LogLevel: 'ERROR',
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const done = spawnSync(
      'ssh',
      [...(terminal ? ['-t'] : []), '-i', join(folder, 'key'), ...options, `haven@${host}`, ...command],
      { stdio: 'inherit' },
    );
    return done.status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
