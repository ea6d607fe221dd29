import { randomBytes } from 'node:crypto';
import type { RunFolder } from '../../components/provider/run-folder.ts';
import { backupPassword, placeSecrets } from '../../core/backups/backup-place.ts';
import { backupSecretsOf } from '../../core/backups/plan-backups.ts';
import { generateSshKey, type SshKeyPair } from '../../core/ssh-key.ts';
import type { Project } from './project.ts';

/** What a cloud without backups is told. */
export const howToBackUp = 'To make them, add `backups` to haven.yaml (docs/owners/backups.md).';

const [sftpKey] = placeSecrets.sftp;

/** The key that the server logs in with at a place for SFTP, made at its first use. Both halves are in secrets.age. */
export async function backupKey({
  config,
  secrets,
}: Pick<Project, 'config' | 'secrets'>): Promise<SshKeyPair> {
  const make = () => JSON.stringify(generateSshKey(`haven backups of ${config.id}`));
  return JSON.parse(await secrets.ensure(sftpKey, make)) as SshKeyPair;
}

/** The secrets of this cloud's backups as the server gets them, by name. Those that do not exist yet are left out. */
export function backupSecretValues({
  config,
  secrets,
}: Pick<Project, 'config'> & { secrets: Pick<Project['secrets'], 'get'> }): Record<string, string> {
  const values = backupSecretsOf(config.backups).flatMap((name) => {
    const value = secrets.get(name);
    if (value === undefined) return [];
    return [[name, name === sftpKey ? (JSON.parse(value) as SshKeyPair).private : value] as const];
  });
  return Object.fromEntries(values);
}

/**
 * Makes the secrets of backups that are haven's own, at the first `haven up` that has backups, and gives them to the run.
 * A plan makes none: it writes nothing.
 */
export async function makeBackupSecrets(project: Project, run: RunFolder): Promise<void> {
  const { config, secrets } = project;
  if (!config.backups) return;
  await secrets.ensure(backupPassword, () => randomBytes(32).toString('base64url'));
  if (config.backups.sftp) await backupKey(project);
  for (const [name, value] of Object.entries(backupSecretValues(project))) run.putGiven(name, value);
}
