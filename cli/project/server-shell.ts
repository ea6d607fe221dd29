import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Project } from './project.ts';
import { serverAddress, sshPort } from './server-link.ts';

/**
 * Runs ssh with this cloud's own key, this terminal being its input and output; only if the server answers with the
 * host key that was made for it. Without a command it is a shell. Answers with ssh's exit status.
 */
export async function openShell(project: Project, command: string[], terminal = false): Promise<number> {
  const { sshKey, hostKey } = await project.keys();
  const host = await serverAddress(project);
  const port = sshPort();
  const folder = mkdtempSync(join(tmpdir(), 'haven-ssh-'));
  try {
    writeFileSync(join(folder, 'key'), sshKey.private, { mode: 0o600 });
    // With another port than 22 the name is in brackets (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
    const name = port === 22 ? host : `[${host}]:${port}`;
    writeFileSync(join(folder, 'known'), `${name} ${hostKey.public.split(' ').slice(0, 2).join(' ')}\n`);
    const settings = {
      UserKnownHostsFile: join(folder, 'known'),
      StrictHostKeyChecking: 'yes',
      IdentitiesOnly: 'yes',
      LogLevel: 'ERROR',
    };
    const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
    const where = ['-i', join(folder, 'key'), '-p', String(port), `haven@${host}`];
    return await runHere('ssh', [...(terminal ? ['-t'] : []), ...options, ...where, ...command]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runHere(program: string, args: string[]): Promise<number> {
  // Ctrl-C is for what runs in the terminal, which gets it too; this process stays to clean up.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  return new Promise<number>((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  }).finally(() => process.off('SIGINT', ignore));
}
