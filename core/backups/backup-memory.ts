/** What became of the backups of each service, as the server remembers it. Moments are ISO 8601, UTC. */
export type BackupMemory = Record<string, ServiceBackups>;

export interface ServiceBackups {
  /** The newest one: when its data was, its id, and by how many bytes the storage grew. */
  success?: { at: string; id: string; bytes: number };
  /** The last failure since then, and how many runs failed in a row. */
  failure?: { at: string; why: string; times: number };
  /** The last one that was restored and works: when that was, and from which backup. */
  restore?: { at: string; id: string };
  /** The last one that was given up to make room for newer ones, before it was sent: when its data was. */
  dropped?: { at: string };
}

const change = (memory: BackupMemory, service: string, to: (now: ServiceBackups) => ServiceBackups) => ({
  ...memory,
  [service]: to(memory[service] ?? {}),
});

/** Ends a series of failures. Of an older moment than the newest one, it ends only that. */
export const rememberSuccess = (
  memory: BackupMemory,
  service: string,
  success: NonNullable<ServiceBackups['success']>,
): BackupMemory =>
  change(memory, service, ({ failure: _ended, ...now }) =>
    now.success && now.success.at > success.at ? now : { ...now, success },
  );

export const rememberFailure = (
  memory: BackupMemory,
  service: string,
  { at, why }: { at: string; why: string },
): BackupMemory =>
  change(memory, service, (now) => ({
    ...now,
    failure: { at, why, times: (now.failure?.times ?? 0) + 1 },
  }));

export const rememberRestore = (
  memory: BackupMemory,
  service: string,
  restore: NonNullable<ServiceBackups['restore']>,
): BackupMemory => change(memory, service, (now) => ({ ...now, restore }));

export const rememberDropped = (memory: BackupMemory, service: string, at: string): BackupMemory =>
  change(memory, service, (now) => ({ ...now, dropped: { at } }));
