import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Operation, RestoreTask } from '../../core/operations/entries.ts';
import type { Release } from '../../core/release/release.ts';
import { Repository } from '../backups/repository.ts';
import { inGroup, readQuotas, withoutLimit } from '../data/quotas.ts';
import { ensureData, flush, removeData, restoreSnapshot } from '../data/subvolumes.ts';
import { loadBundle, writeDurably } from '../store/bundle-store.ts';
import { crashPoint } from '../store/crash-point.ts';
import type { Layout } from '../store/layout.ts';
import { ensureSecrets } from '../store/secrets.ts';

/**
 * What a restore does to data. `fetchData` brings it beside the service, which still runs: from the owner's place into
 * the folder `fetched`, or nothing at all for a snapshot that is on the volume. `replaceData` copies it into the place of
 * what is there. Secrets that the service made itself come back with the data, because the data was written with them:
 * a database knows its password.
 */
const sourceOf = (layout: Layout, service: string, { source }: RestoreTask): string =>
  'snapshot' in source
    ? join(layout.snapshots(service), source.snapshot)
    : join(layout.fetched(service), 'data');

/** The names of the data that a restore brings; none before it was fetched. */
export function restoredNames(layout: Layout, { service, task, to }: Operation): string[] {
  if (task?.kind !== 'restore' || to === null) return [];
  const folder = sourceOf(layout, service, task);
  if (!existsSync(folder)) return [];
  const { release } = loadBundle(layout, service, to);
  return readdirSync(folder)
    .filter((name) => !staysAtRestore(release, name))
    .sort();
}

const staysAtRestore = (release: Release, name: string): boolean => release.data[name]?.atRestore === 'stays';

export async function fetchData(
  layout: Layout,
  service: string,
  { source }: RestoreTask,
  release: Release,
): Promise<void> {
  if ('snapshot' in source) {
    if (existsSync(join(layout.snapshots(service), source.snapshot))) return;
    throw new Error(
      `The snapshot ${source.snapshot} of ${service} was deleted, because newer ones needed its place. See: haven backup list ${service}`,
    );
  }
  const repository = Repository.open(layout);
  if (!repository)
    throw new Error('This server makes no backups. Add "backups" to haven.yaml, then run: haven up');
  const backup = (await repository.list(service)).find(({ id }) => id === source.backup);
  if (!backup)
    throw new Error(
      `The backup ${source.backup.slice(0, 8)} of ${service} does not exist any more. See: haven backup list ${service}`,
    );
  const names = backup.data.filter((name) => !staysAtRestore(release, name));
  const sizes = Object.entries(await repository.sizes(backup.id)).filter(([name]) => names.includes(name));
  await assertQuotas(layout, service, Object.fromEntries(sizes));
  await removeFetched(layout, service);
  for (const name of names) {
    const uid = release.data[name]?.uid ?? 0;
    const path = join(layout.fetched(service), 'data', name);
    await ensureData(path, uid, await inGroup(layout, service, name));
  }
  const parts = [...names.map((name) => `data/${name}`), 'secrets'];
  await repository.restore(backup.id, parts, layout.fetched(service));
  // Now, while the service runs, and not in maintenance.
  await flush(layout.fetched(service));
  crashPoint('fetched:data');
}

/** Throws where data would not fit beside what is there, which stays as a snapshot. By the name of the data, in bytes. */
async function assertQuotas(layout: Layout, service: string, sizes: Record<string, number>): Promise<void> {
  const seen = (await readQuotas(layout))(service, Object.keys(sizes));
  const tooSmall = seen.flatMap(({ name, usedBytes, quotaGb }) => {
    const needed = usedBytes + (sizes[name] ?? 0);
    return quotaGb === null || needed < quotaGb * 1e9
      ? []
      : [
          `The data "${name}" of ${service} would take ${(needed / 1e9).toFixed(1)} GB, with what is there now and is kept as a snapshot; its quota is ${quotaGb} GB. Set services.${service}.quotaGb.${name} to ${Math.ceil(needed / 1e9) + 1} in haven.yaml, run: haven up   Then try again.`,
        ];
  });
  if (tooSmall.length > 0) throw new Error(`${tooSmall.join('\n')}\nNothing was changed.`);
}

/** Can be run again until the operation is over. */
export async function replaceData(layout: Layout, operation: Operation, release: Release): Promise<void> {
  const { service, task } = operation;
  if (task?.kind !== 'restore') return;
  for (const name of restoredNames(layout, operation)) {
    const from = join(sourceOf(layout, service, task), name);
    await withoutLimit(layout, service, name, async () =>
      restoreSnapshot(from, layout.data(service, name), await inGroup(layout, service, name)),
    );
  }
  crashPoint('replaced:data');
  const secrets = join(layout.fetched(service), 'secrets');
  if ('snapshot' in task.source || !existsSync(secrets)) return;
  keepSecrets(layout, service);
  crashPoint('replaced:secrets-kept');
  await replaceSecrets(layout, release, secrets);
}

/** Puts back the secrets that were there; the data is restored from its snapshot. */
export async function undoReplace(layout: Layout, service: string, release: Release): Promise<void> {
  const kept = layout.keptSecrets(service);
  if (existsSync(kept)) await replaceSecrets(layout, release, kept);
}

/** Removes what a restore fetched and kept. */
export async function removeFetched(layout: Layout, service: string): Promise<void> {
  const data = join(layout.fetched(service), 'data');
  for (const name of existsSync(data) ? readdirSync(data) : []) await removeData(join(data, name));
  rmSync(layout.fetched(service), { recursive: true, force: true });
  rmSync(layout.keptSecrets(service), { recursive: true, force: true });
}

/** A copy of the service's secrets that is whole or not there. */
function keepSecrets(layout: Layout, service: string): void {
  const kept = layout.keptSecrets(service);
  if (existsSync(join(kept, wholeMark))) return;
  for (const name of secretFiles(layout.secrets(service)))
    writeDurably(join(kept, name), readFileSync(join(layout.secrets(service), name)), 0o400);
  writeDurably(join(kept, wholeMark), '');
}

const wholeMark = '.whole';
const secretFiles = (folder: string): string[] =>
  (existsSync(folder) ? readdirSync(folder) : []).filter(
    (name) => !name.startsWith('.') && !name.includes('.draft-'),
  );

/**
 * Takes over the values of secrets that the server makes at random, in the generation that the release names. Those that
 * the owner sets, and certificates of this server's own authority, stay as they are.
 */
async function replaceSecrets(layout: Layout, release: Release, folder: string): Promise<void> {
  for (const [name, { generation, given, shared, certificateFor }] of Object.entries(release.secrets)) {
    const file = join(folder, `${name}.${generation}`);
    if (given !== undefined || shared || certificateFor !== undefined || !existsSync(file)) continue;
    writeDurably(layout.secret(release.service, name, generation), readFileSync(file), 0o400);
  }
  await ensureSecrets(layout, release);
}
