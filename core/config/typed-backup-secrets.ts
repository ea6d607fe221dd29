/** A secret of backups in haven.yaml, and what to do with it. */
export interface TypedSecret {
  path: string[];
  remedy: string;
}

const replace = 'Remove it, replace it at its provider, and store the new one with: haven secret set';

/** By the section of `backups` that it is in: what an owner does who looks for the place of a secret there. */
const remedies: Record<string, (name: string) => string> = {
  s3: (name) => `${replace} ${/secret|pass|token/i.test(name) ? 'backup-s3-secret' : 'backup-s3-key'}`,
  sftp: () =>
    'Remove it, and replace it at its provider. This cloud logs in with a key of its own, which "haven backup key" shows.',
  '': () => 'Remove it. haven makes the password of backups, and keeps it in secrets.age.',
};

/** Finds settings whose name says that they are a secret of backups. What they hold has no pattern of its own. */
export function typedBackupSecrets(file: unknown): TypedSecret[] {
  const backups = groupOf(groupOf(file).backups);
  return Object.entries(remedies).flatMap(([section, remedyFor]) => {
    const group = section === '' ? backups : groupOf(backups[section]);
    return Object.keys(group)
      .filter((name) => /secret|pass|token|key/i.test(name) && name !== 'hostKey')
      .map((name) => ({
        path: ['backups', ...(section === '' ? [] : [section]), name],
        remedy: remedyFor(name),
      }));
  });
}

const groupOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {};
