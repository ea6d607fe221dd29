import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statfsSync } from 'node:fs';
import { usableGb } from '../../core/config/quotas.ts';
import {
  fullFrom,
  limitBytes,
  lowerBelow,
  type QuotaMove,
  quotaMove,
  quotaOf,
} from '../../core/operations/quota-limit.ts';
import { run, tryRun } from '../../system/run.ts';
import { withLock } from '../../system/with-lock.ts';
import type { Layout } from '../store/layout.ts';
import { flush } from './subvolumes.ts';

/**
 * Quotas of named data, by the simple quotas of btrfs (btrfs-qgroup(8)): they count what a subvolume wrote, and
 * subvolumes that a program makes within its data count too. Each named data has a group `1/n`, which also holds its
 * snapshots and what is restored from them. All are in the group `2/0`, whose limit leaves a reserve for journals,
 * releases and secrets. What is in force is read from the file system each time; nothing else remembers it.
 */
export interface DataQuota {
  name: string;
  /** What its files and snapshots take on the volume, in bytes. */
  usedBytes: number;
  /** Null where no limit is in force. */
  quotaGb: number | null;
  /** Whether the agent raised the limit because the data is full. */
  isRaised: boolean;
}

const allData = '2/0';

/**
 * The group of named data. Its number is made from its name (44 of the 48 bits that a group's number has), so it is
 * the same after a reinstallation, and no two ever share one.
 */
const groupOf = (service: string, name: string): string =>
  `1/${Number.parseInt(createHash('sha256').update(`${service}/${name}`).digest('hex').slice(0, 11), 16)}`;

interface Group {
  usedBytes: number;
  limitBytes: number | null;
  parents: string[];
}

/** Undefined on a file system without quotas. */
async function readGroups({ root }: Layout): Promise<Map<string, Group> | undefined> {
  const shown = await tryRun('btrfs', ['--format', 'json', 'qgroup', 'show', '-pre', '--raw', root]);
  if (shown.code !== 0) return undefined;
  const { 'qgroup-show': groups } = JSON.parse(shown.stdout) as {
    'qgroup-show': {
      qgroupid: string;
      referenced: number;
      max_referenced: number | 'none';
      parents: string[];
    }[];
  };
  return new Map(
    groups.map((each) => {
      const limit = each.max_referenced === 'none' ? null : each.max_referenced;
      return [each.qgroupid, { usedBytes: each.referenced, limitBytes: limit, parents: each.parents }];
    }),
  );
}

const limitGroup = (layout: Layout, group: string, bytes: number): Promise<unknown> =>
  run('btrfs', ['qgroup', 'limit', String(bytes), group, layout.root]);

/** One at a time, since services are deployed side by side. */
const alone = <T>(layout: Layout, work: () => Promise<T>): Promise<T> =>
  withLock(`${layout.run}/quotas.lock`, work);

/** Limits all data together, by the size of the volume. Run again, it changes nothing. */
export async function limitAllData(layout: Layout): Promise<void> {
  await alone(layout, async () => {
    const groups = await readGroups(layout);
    if (!groups) return;
    if (!groups.has(allData)) await run('btrfs', ['qgroup', 'create', allData, layout.root]);
    const { usable } = spaceOf(layout);
    if (groups.get(allData)?.limitBytes !== usable) await limitGroup(layout, allData, usable);
  });
}

/** How much of the volume all data may use, and how much of the reserve it gets while that is full. In bytes. */
function spaceOf({ root }: Layout): { usable: number; extra: number } {
  const { blocks, bsize } = statfsSync(root);
  const volumeGb = Math.floor((blocks * bsize) / 1e9);
  const usable = usableGb(volumeGb);
  return { usable: usable * 1e9, extra: ((volumeGb - usable) / 2) * 1e9 };
}

/**
 * Gives all data half of the reserve while it is full together, so that databases can start and a change can be undone,
 * and takes it back when there is space again. The other half stays for journals, releases and secrets.
 */
export async function tendAllData(layout: Layout): Promise<void> {
  const all = (await readGroups(layout))?.get(allData);
  if (!all) return;
  const { usable, extra } = spaceOf(layout);
  const isRaised = all.limitBytes === usable + extra;
  if (!isRaised && all.usedBytes >= usable * fullFrom) await limitGroup(layout, allData, usable + extra);
  if (isRaised && all.usedBytes < usable * lowerBelow) await limitGroup(layout, allData, usable);
}

/**
 * The group in which a subvolume of this data has to be made, as arguments of `btrfs subvolume create` and `snapshot`.
 * A snapshot does not join its source's group on its own, so each gets it explicitly.
 */
export async function inGroup(layout: Layout, service: string, name: string): Promise<string[]> {
  const [group] = await ensureGroups(layout, service, [name]);
  return group === undefined ? [] : ['-i', group];
}

/** Makes the groups of this data where they are missing. None on a file system without quotas. */
function ensureGroups(layout: Layout, service: string, names: string[]): Promise<string[]> {
  return alone(layout, async () => {
    const there = await readGroups(layout);
    if (!there?.has(allData)) return [];
    const groups = names.map((name) => groupOf(service, name));
    for (const group of groups) {
      if (!there.has(group)) await run('btrfs', ['qgroup', 'create', group, layout.root]);
      if (!there.get(group)?.parents.includes(allData))
        await run('btrfs', ['qgroup', 'assign', group, allData, layout.root]);
    }
    return groups;
  });
}

/**
 * Sets the quotas of a service. Throws before it changes one if its data uses more already: a limit below what is used
 * would make every write fail.
 */
export async function setQuotas(
  layout: Layout,
  service: string,
  quotas: Record<string, number>,
): Promise<void> {
  const names = Object.keys(quotas);
  await ensureGroups(layout, service, names);
  const read = async () => (await readQuotas(layout))(service, names);
  const isLowered = ({ name, quotaGb }: DataQuota) => quotaGb === null || quotaGb > quotas[name]!;
  let now = await read();
  if (now.some(isLowered)) {
    // What was written since the last commit of the file system is not counted yet.
    await flush(layout.root);
    now = await read();
  }
  const tooSmall = now.flatMap(({ name, usedBytes }) =>
    usedBytes > limitBytes(quotas[name]!)
      ? [
          `The data "${name}" of ${service} takes ${(usedBytes / 1e9).toFixed(1)} GB with its snapshots, and its quota should be ${quotas[name]} GB. Set services.${service}.quotaGb.${name} to ${Math.ceil(usedBytes / 1e9)} or more in haven.yaml, or delete some of it.`,
        ]
      : [],
  );
  if (tooSmall.length > 0) throw new Error(`${tooSmall.join('\n')}\nNothing was changed. Then run: haven up`);
  for (const { name, quotaGb } of now)
    if (quotaGb !== quotas[name]) await limitGroup(layout, groupOf(service, name), limitBytes(quotas[name]!));
}

/**
 * Does something to data of a service that is stopped, without its limit: in data that is full not even a subvolume can
 * be deleted. If this is cut off, the limit is missing until the next `up`, which sees that.
 */
export async function withoutLimit<T>(
  layout: Layout,
  service: string,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const group = groupOf(service, name);
  const limit = (await readGroups(layout))?.get(group)?.limitBytes ?? null;
  if (limit === null) return work();
  await run('btrfs', ['qgroup', 'limit', 'none', group, layout.root]);
  try {
    return await work();
  } finally {
    await limitGroup(layout, group, limit);
  }
}

/** What a service's data uses of its quotas; of these names, or of all data that it has. Empty without quotas. */
export type SeenQuotas = (service: string, names?: string[]) => DataQuota[];

/** Asks the file system once, for all services. */
export async function readQuotas(layout: Layout): Promise<SeenQuotas> {
  const groups = await readGroups(layout);
  if (!groups?.has(allData)) return () => [];
  return (service, names = dataOf(layout, service)) =>
    names.toSorted().map((name) => {
      const group = groups.get(groupOf(service, name));
      const limit = group?.limitBytes ?? null;
      const quota = limit === null ? { quotaGb: null, isRaised: false } : quotaOf(limit);
      return { name, usedBytes: group?.usedBytes ?? 0, ...quota };
    });
}

/** The names of the data that a service has on this volume. Names with a dot are drafts. */
export function dataOf(layout: Layout, service: string): string[] {
  const folder = layout.data(service, '');
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
}

/**
 * Looks after data of a service that is full, by what was seen of all. First the service's oldest snapshot is dropped, by
 * `dropSnapshot`, which answers whether there was one; with none left the limit is raised once, so that a database can
 * start and its users can delete something. A raised limit is lowered when there is space again.
 */
export async function tendQuotas(
  layout: Layout,
  service: string,
  seen: SeenQuotas,
  dropSnapshot: () => Promise<boolean>,
): Promise<void> {
  for (const { name } of seen(service).filter((each) => moveOf(each) !== 'none')) {
    // Read again, since a snapshot that was dropped for other data held some of this, too.
    const read = async () => (await readQuotas(layout))(service, [name])[0]!;
    let now = await read();
    while (moveOf(now) === 'raise' && (await dropSnapshot())) now = await read();
    const move = moveOf(now);
    if (move !== 'none' && now.quotaGb !== null)
      await limitGroup(
        layout,
        groupOf(service, name),
        limitBytes(now.quotaGb, { isRaised: move === 'raise' }),
      );
  }
}

const moveOf = ({ usedBytes, quotaGb, isRaised }: DataQuota): QuotaMove =>
  quotaGb === null ? 'none' : quotaMove(usedBytes, limitBytes(quotaGb, { isRaised }));
