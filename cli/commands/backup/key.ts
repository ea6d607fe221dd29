import { z } from 'zod';
import { describePlace } from '../../../core/backups/backup-place.ts';
import { ProblemsError } from '../../../core/problem.ts';
import { HavenCommand } from '../../base-command.ts';
import { terminal } from '../../output/terminal.ts';
import { backupKey, howToBackUp } from '../../project/backup-secrets.ts';
import { Project } from '../../project/project.ts';

export const output = z.strictObject({
  /** The line for `authorized_keys`. */
  key: z.string(),
  host: z.string(),
  port: z.int(),
  user: z.string(),
});

export default class BackupKey extends HavenCommand {
  static override summary = 'Show the key that lets this cloud store backups on a server with SFTP.';
  static override description =
    'The public half, as a line for the file ".ssh/authorized_keys" on that server. The private half is in secrets.age. A bucket does not use it.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  async run(): Promise<z.infer<typeof output>> {
    await this.parse(BackupKey);
    const project = await Project.open();
    const place = project.plan().backups?.place;
    if (place?.kind !== 'sftp')
      throw new ProblemsError([
        place
          ? {
              where: 'haven backup key',
              what: `backups of this cloud go to ${describePlace(place)}, which uses no SSH key.`,
              remedy: 'Set its keys with: haven secret set backup-s3-key, and backup-s3-secret',
            }
          : { where: 'haven backup key', what: 'this cloud makes no backups.', remedy: howToBackUp },
      ]);
    const { public: key } = await backupKey(project);
    const { host, port, user } = place;
    this.log(key);
    const isStorageBox = host.endsWith('.your-storagebox.de');
    const advice = isStorageBox
      ? `To let this cloud in, run: haven backup key | ssh -p ${port} ${user}@${host} install-ssh-key`
      : `Add this line to the file .ssh/authorized_keys of the user ${user} on ${host}.`;
    if (!this.jsonEnabled()) terminal.tell(`\n  ${advice}\n`);
    return { key, host, port, user };
  }
}
