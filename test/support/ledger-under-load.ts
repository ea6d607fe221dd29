import assert from 'node:assert/strict';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { type Lab, LabServer } from './lab.ts';
import { acknowledged, type Load, ledgerVersion, lostRows, startLoad, stopLoad } from './load.ts';

/**
 * A server with the tests' own service and its Postgres, written to all the time. Whatever is done to it, the old or
 * the new release serves afterwards, and every row that was ever acknowledged is there.
 */
export class LedgerUnderLoad {
  readonly server: LabServer;
  /** What serves when everything went as it should. */
  version = 0;

  readonly load: Load;

  private constructor(server: LabServer, load: Load) {
    this.server = server;
    this.load = load;
  }

  static async create(
    lab: Lab,
    id: string,
    n: number,
    { load = 'some', ...options }: { load?: Load; volumeGb?: number } = {},
  ): Promise<LedgerUnderLoad> {
    const ledger = new LedgerUnderLoad(await LabServer.create(lab, id, n, options), load);
    const first = await ledger.server.apply(ledger.bundle());
    assert.equal(first.outcome, 'committed', JSON.stringify(first.entries));
    await ledger.startLoad();
    return ledger;
  }

  startLoad = (): Promise<void> => startLoad(this.server.id, this.load);

  /** The release of the version that serves. */
  bundle() {
    return this.server.bundle('ledger', { version: String(this.version) });
  }

  /** The release of the version after it. */
  next() {
    return this.server.bundle('ledger', { version: String(this.version + 1) });
  }

  /** A release that fails, and how. */
  bad(behaviour: string) {
    return this.server.bundle('ledger', { version: 'bad', behaviour });
  }

  /** What the server says of it. */
  async read(): Promise<ServiceState> {
    return (await this.server.agent(['read', 'ledger'])) as ServiceState;
  }

  /** What must hold whenever a transaction has ended. */
  async mustServe(): Promise<void> {
    const { id } = this.server;
    const state = await waitUntil(
      'the ledger to be healthy',
      async () => {
        const state = await this.read();
        return state.healthy && state.open === null ? state : undefined;
      },
      { timeoutMs: 60_000 },
    );
    assert.equal(state.inMaintenance, false, 'it is out of maintenance');
    assert.equal(await ledgerVersion(id), String(this.version));
    await stopLoad(id);
    const { lost, acknowledged } = await lostRows(id);
    assert.deepEqual(lost, [], `none of ${acknowledged} acknowledged rows may be lost`);
    await this.startLoad();
    await waitUntil('the writer to be served again', async () => {
      const { stdout } = await onMachine(id, ['sh', '-c', 'wc -l < /var/tmp/acknowledged']);
      return Number(stdout) > acknowledged;
    });
  }

  /** Rows are still acknowledged. */
  async mustAcceptRows(): Promise<void> {
    const before = (await acknowledged(this.server.id)).length;
    const isMore = async () => (await acknowledged(this.server.id)).length > before + 5;
    await waitUntil('rows to be acknowledged', isMore, { timeoutMs: 60_000 });
  }

  /**
   * Removes the service with its data, and the rows that were acknowledged with them. Its images, which no release needs any
   * more, are deleted with it; a lab could not bring them again, so they have another name meanwhile.
   */
  async forget(): Promise<void> {
    const { id } = this.server;
    const images = Object.values(this.bundle().release.images).join(' ');
    const rename = (from: string, to: string) =>
      onMachine(id, [
        'sh',
        '-ec',
        `for image in ${images}; do docker tag "${from}$image" "${to}$image"; done`,
      ]);
    await stopLoad(id);
    await rename('', 'kept/');
    await this.server.takeOut('ledger');
    await this.server.agent(['delete-now', 'ledger']);
    await rename('kept/', '');
    await onMachine(id, ['rm', '-f', '/var/tmp/acknowledged']);
  }

  remove(): Promise<void> {
    return this.server.remove();
  }
}
