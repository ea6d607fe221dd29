import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HavenCommand } from '../base-command.ts';
import { Project } from '../project.ts';
import { serverAddress } from '../server-link.ts';

export default class Ssh extends HavenCommand {
  static override enableJsonFlag = false;
  static override strict = false;
  static override summary = 'Open a shell on the server, or run one command there.';
  static override description =
    "With this cloud's own key, and only if the server answers with the host key that was made for it.";
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> uptime',
  ];

  async run(): Promise<void> {
    const { argv } = await this.parse(Ssh);
    const project = await Project.open();
    const { sshKey, hostKey } = await project.keys();
    const host = await serverAddress(project);
    const folder = mkdtempSync(join(tmpdir(), 'haven-ssh-'));
    try {
      writeFileSync(join(folder, 'key'), sshKey.private, { mode: 0o600 });
      writeFileSync(join(folder, 'known'), `${host} ${hostKey.public.split(' ').slice(0, 2).join(' ')}\n`);
      const options = [
        '-i',
        join(folder, 'key'),
        '-o',
        `UserKnownHostsFile=${join(folder, 'known')}`,
        '-o',
        'StrictHostKeyChecking=yes',
        '-o',
        'IdentitiesOnly=yes',
      ];
      const done = spawnSync('ssh', [...options, `haven@${host}`, ...(argv as string[])], {
        stdio: 'inherit',
      });
      process.exitCode = done.status ?? 1;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
