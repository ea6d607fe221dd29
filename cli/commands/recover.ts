import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { z } from 'zod';
import { type BackupPlace, describePlace, placeSecrets } from '../../core/backups/backup-place.ts';
import { planBackups } from '../../core/backups/plan-backups.ts';
import { ProblemsError } from '../../core/problem.ts';
import { ApplyPlan } from '../apply/apply-plan.ts';
import { HavenCommand } from '../base-command.ts';
import { localTime } from '../output/local-time.ts';
import { fetchOwnerCopy } from '../project/fetch-owner-copy.ts';
import { raiseGeneration } from '../project/owner-secrets.ts';
import { askPlaceSecrets, type PlaceFlags, placeOfFlags } from '../project/place-flags.ts';
import { Project } from '../project/project.ts';
import { RecoveryNote } from '../project/recovery-note.ts';
import { enterSandbox } from '../project/sandbox-link.ts';
import { writeOwnerCopy } from '../project/write-owner-copy.ts';
import { makeFolder } from '../wizard/make-folder.ts';

export const output = z.strictObject({
  id: z.string(),
  directory: z.string(),
  /** When the copy of the directory was made, in UTC (RFC 3339); null if the directory was here. */
  copyAt: z.string().nullable(),
  /** How many things were created, changed or removed. */
  changed: z.int(),
  /** The server's addresses. */
  addresses: z.record(z.string(), z.unknown()),
});

export default class Recover extends HavenCommand {
  static override summary = 'Rebuild a lost cloud from its backups and its key.';
  static override description =
    'For a cloud whose server and volume are gone, and maybe this computer with them. In an empty directory, name the place of the backups: the files of the cloud are fetched from there and opened with its key. In the directory of the cloud, no flags are required. Then the plan is shown: a new server at Hetzner gets the data of each service\'s last backup, and DNS leads to it. The keys of a bucket come from HAVEN_BACKUP_S3_KEY and HAVEN_BACKUP_S3_SECRET, the file with the SSH key for SFTP from HAVEN_BACKUP_SFTP_KEY_FILE, the key of the cloud from HAVEN_AGE_KEY; what is missing is asked. If it is interrupted, run "haven up" in that directory.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --endpoint https://fsn1.your-objectstorage.com --bucket ada-backups',
    '<%= config.bin %> <%= command.id %> --host u1.your-storagebox.de --port 23 --user u1 --host-key "ssh-ed25519 AAAA…"',
    '<%= config.bin %> <%= command.id %>',
  ];
  static override flags = {
    directory: Flags.string({
      summary: 'Where the files of the cloud are written. Default: this directory.',
    }),
    endpoint: Flags.string({ summary: 'Address of the storage, without the bucket.' }),
    bucket: Flags.string({ summary: 'Name of the bucket.' }),
    region: Flags.string({ summary: 'Region of the bucket, for a storage that requires one.' }),
    host: Flags.string({ summary: 'Host name of a server with SFTP, instead of a bucket.' }),
    port: Flags.integer({ summary: 'Its port for SSH. Default: 22.' }),
    user: Flags.string({ summary: 'User name there.' }),
    'host-key': Flags.string({ summary: "The server's own public key, as ssh-keyscan shows it." }),
    folder: Flags.string({ summary: 'Folder of the backups. Default: the only one that is there.' }),
    'key-file': Flags.string({ summary: 'File with the key of the cloud (AGE-SECRET-KEY-…).' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask whether to carry out the plan. For scripts.' }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { flags } = await this.parse(Recover);
    if (this.jsonEnabled() && !flags.yes)
      throw new ProblemsError(
        [
          {
            where: 'haven recover --json',
            what: 'would ask for your consent without showing the plan. Nothing was changed.',
            remedy: 'To accept the plan, run: haven recover --json --yes',
          },
        ],
        'declined',
      );
    const directory = resolve(flags.directory ?? process.env.HAVEN_DIRECTORY ?? '.');
    const place = placeOfFlags(flags);
    const fetched = place && (await this.#fetch(directory, place, flags));
    if (!place && !existsSync(join(directory, 'haven.yaml'))) throw withoutPlace(directory);

    const project = await Project.open(directory);
    const target = planBackups(project.config, {})?.place;
    if (!target) throw withoutBackups(directory);
    if (place && fetched) {
      await keepPlaceSecrets(project, place, fetched.secrets);
      this.log(
        `  The files of ${project.config.id} are in ${directory}, as of ${localTime(fetched.at, project.config.timeZone)}.`,
      );
    }
    const note = new RecoveryNote(directory);
    const isFirst = note.read() === undefined;
    if (isFirst) note.write({ haven: project.config.id, phase: 'written' });
    this.log(
      `  A new server at Hetzner gets the data of each service's last backup at ${describePlace(target)}. What was saved after that backup is lost.`,
    );
    const applied = await new ApplyPlan(project, {
      command: 'haven recover',
      mayAsk: this.mayAsk,
      yes: flags.yes,
      noBackups: false,
      log: (text) => this.log(text),
    }).run();
    return { id: project.config.id, directory, copyAt: fetched?.at ?? null, ...applied };
  }

  async #fetch(
    directory: string,
    place: BackupPlace,
    flags: PlaceFlags & { 'key-file'?: string | undefined },
  ): Promise<{ at: string; secrets: Record<string, string> }> {
    makeFolder(directory);
    enterSandbox(directory);
    const { mayAsk } = this;
    const secrets = await askPlaceSecrets(place, mayAsk);
    const fetched = await fetchOwnerCopy(place, { secrets, keyFile: flags['key-file'], mayAsk });
    writeOwnerCopy(directory, fetched);
    return { at: fetched.copy.at, secrets };
  }
}

/** Keys of a bucket may be newer than those in the copy. An SSH key that opened SFTP is the owner's own, and not kept. */
async function keepPlaceSecrets(
  project: Project,
  place: BackupPlace,
  secrets: Record<string, string>,
): Promise<void> {
  if (place.kind !== 's3' || !project.config.backups?.s3) return;
  for (const name of placeSecrets.s3) {
    const value = secrets[name];
    if (value === undefined || project.secrets.get(name) === value) continue;
    await project.secrets.set(name, value);
    raiseGeneration(project, name);
  }
}

const withoutPlace = (directory: string): ProblemsError =>
  new ProblemsError(
    [
      {
        where: directory,
        what: 'there is no haven.yaml here, and no place of backups was named.',
        remedy:
          'Name the bucket: haven recover --endpoint ADDRESS --bucket NAME   Or a server with SFTP: haven recover --host NAME --user NAME --host-key KEY',
      },
    ],
    'usage',
  );

const withoutBackups = (directory: string): ProblemsError =>
  new ProblemsError([
    {
      where: join(directory, 'haven.yaml'),
      what: 'has no "backups", so it is not known where the backups are.',
      remedy: 'Add it (docs/owners/backups.md), then run: haven recover',
    },
  ]);
