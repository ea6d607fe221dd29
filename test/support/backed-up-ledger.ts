import type { RestoreOrder } from '../../agent/operations/restore-service.ts';
import type { BackedUp } from '../../agent/operations/task-commands.ts';
import type { Backup } from '../../core/backups/backup.ts';
import type { BackupOrder } from '../../core/backups/backup-settings.ts';
import type { Entry, RestoreTask } from '../../core/operations/entries.ts';
import { createBucket } from '../../sandbox/control.ts';
import { storageTasks } from '../../sandbox/internet/storage/program.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import type { RunResult } from '../../system/run.ts';
import { openInternet } from './internet.ts';
import { labClaim, openLab } from './lab.ts';
import { LedgerUnderLoad } from './ledger-under-load.ts';
import type { Load } from './load.ts';

/** A server with the tests' own service under load, and a bucket to which it backs itself up. */
export class BackedUpLedger {
  readonly ledger: LedgerUnderLoad;
  readonly order: BackupOrder;
  readonly #closeInternet: () => Promise<void>;

  private constructor(ledger: LedgerUnderLoad, order: BackupOrder, closeInternet: () => Promise<void>) {
    this.ledger = ledger;
    this.order = order;
    this.#closeInternet = closeInternet;
  }

  static async create(
    id: string,
    n: number,
    options: { load?: Load; volumeGb?: number } = {},
  ): Promise<BackedUpLedger> {
    const lab = await openLab(['ledger'], { also: storageTasks });
    const closeInternet = await openInternet(lab, 'places');
    const ledger = await LedgerUnderLoad.create(lab, id, n, options);
    const { endpoint, bucket, region, key, secret } = await createBucket(`${id}-${Date.now()}`);
    const order: BackupOrder = {
      settings: {
        haven: 'lab',
        place: { kind: 's3', endpoint, bucket, region, folder: 'lab' },
        ...{ time: '03:30', timeZone: 'UTC', keep: { days: 7, weeks: 5, months: 12 } },
        secrets: { 'backup-s3-key': 1, 'backup-s3-secret': 1, 'backup-password': 1 },
      },
      secrets: {
        'backup-s3-key': key,
        'backup-s3-secret': secret,
        'backup-password': 'a password of the lab',
      },
    };
    await ledger.server.agent(['backup-put'], JSON.stringify(order));
    return new BackedUpLedger(ledger, order, closeInternet);
  }

  get machine(): string {
    return this.ledger.server.id;
  }

  /** What the agent answers at the end. */
  async agent<T>(args: string[], input: object = {}): Promise<T> {
    const asked = ['haven-agent', ...args];
    const { stdout } = await onMachine(this.machine, asked, { input: JSON.stringify(input) });
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
  }

  backUp = (): Promise<BackedUp[]> =>
    this.agent<BackedUp[]>(['backup-now'], { services: ['ledger'], by: 'ada@laptop' });

  list = (): Promise<Backup[]> => this.agent<Backup[]>(['backup-list', 'ledger']);

  /** Restores the ledger, and waits until that is over, through crashes. */
  async restore(
    source: RestoreTask['source'],
    { crashAt }: { crashAt?: string } = {},
  ): Promise<{ entries: Entry[]; outcome: string }> {
    const id = `op-${Date.now()}`;
    const task: RestoreTask = { kind: 'restore', source, at: new Date().toISOString() };
    const order: RestoreOrder = { id, service: 'ledger', task, claim: labClaim };
    const asked = await this.#crashing(crashAt, ['restore'], order);
    const entries = await this.ledger.server.closed('ledger', id);
    const last = entries.at(-1);
    return { entries, outcome: last?.entry === 'finished' ? last.outcome : asked.stderr };
  }

  /** Begins a backup whose agent is killed at a point, and waits until its operation is over. */
  async backUpCrashing(crashAt: string): Promise<{ entries: Entry[]; outcome: string }> {
    const asked = await this.#crashing(crashAt, ['backup-now'], { services: ['ledger'], by: 'ada@laptop' });
    const open = (await this.ledger.server.history('ledger')).findLast(({ entry }) => entry === 'open');
    const id = open?.entry === 'open' ? open.operation.id : '';
    const entries = await this.ledger.server.closed('ledger', id);
    const last = entries.at(-1);
    return { entries, outcome: last?.entry === 'finished' ? last.outcome : asked.stderr };
  }

  async #crashing(crashAt: string | undefined, args: string[], input: object): Promise<RunResult> {
    const env = crashAt === undefined ? [] : ['env', `HAVEN_CRASH_AT=${crashAt}`];
    await onMachine(this.machine, ['rm', '-rf', '/run/haven/crashed']);
    return tryOnMachine(this.machine, [...env, 'haven-agent', ...args], { input: JSON.stringify(input) });
  }

  /** A repository of its own in the same bucket. */
  beside(folder: string): string {
    const { place } = this.order.settings;
    if (place.kind !== 's3') throw new Error('The lab backs up to a bucket.');
    return `s3:${place.endpoint}/${place.bucket}/${folder}`;
  }

  /** Runs restic itself on the server, with nothing of ours but the place and the password. */
  async restic(words: string, repository = this.beside(this.order.settings.place.folder)): Promise<string> {
    const { settings, secrets } = this.order;
    const { place } = settings;
    if (place.kind !== 's3') throw new Error('The lab backs up to a bucket.');
    const env = [
      `RESTIC_REPOSITORY=${repository}`,
      `RESTIC_PASSWORD='${secrets['backup-password']}'`,
      `AWS_ACCESS_KEY_ID=${secrets['backup-s3-key']}`,
      `AWS_SECRET_ACCESS_KEY=${secrets['backup-s3-secret']}`,
      `AWS_DEFAULT_REGION=${place.region}`,
    ].join(' ');
    const script = `export ${env}; restic --no-cache -o s3.bucket-lookup=path ${words}`;
    return (await onMachine(this.machine, ['sh', '-c', script], { timeoutMs: 10 * 60_000 })).stdout;
  }

  async remove(): Promise<void> {
    await this.ledger.remove();
    await this.#closeInternet();
  }
}
