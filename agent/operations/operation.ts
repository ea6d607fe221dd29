import { setTimeout as sleep } from 'node:timers/promises';
import { deployLockMs } from '../../core/operations/deploy-lock.ts';
import type { Entry, WantedOperation } from '../../core/operations/entries.ts';
import { run, tryRun } from '../../system/run.ts';
import { readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';

const unitOf = (service: string): string => `haven-op-${service}`;

/**
 * Starts an operation in a systemd unit named after its service, so that one service never has two at once. systemd
 * restarts the unit when it was killed or gave up; the operation then reads its journal and continues.
 */
export async function startOperation(wanted: WantedOperation, agent: string[]): Promise<void> {
  const unit = unitOf(wanted.service);
  const crash = process.env.HAVEN_CRASH_AT ? [`--setenv=HAVEN_CRASH_AT=${process.env.HAVEN_CRASH_AT}`] : [];
  const restart = ['-p', 'Restart=on-failure', '-p', 'RestartSec=1s', '-p', 'StartLimitIntervalSec=0'];
  const target = wanted.to === null ? [] : ['--to', wanted.to];
  const by = wanted.by === undefined ? [] : ['--by', wanted.by];
  const args = [...agent, 'transact', '--service', wanted.service, '--op', wanted.id, ...target, ...by];
  const started = await tryRun('systemd-run', [
    '--quiet',
    `--unit=${unit}`,
    '--collect',
    ...restart,
    ...crash,
    ...args,
  ]);
  if (started.code === 0) return;
  if (/already (loaded|exists)/.test(started.stderr)) {
    throw new Error(`Another operation on ${wanted.service} is running. Wait until it ends, then try again.`);
  }
  throw new Error(`systemd could not start the operation: ${started.stderr.trim()}`);
}

/**
 * Runs the agent once in a service's own unit, so that it never runs beside an operation on that service, and waits
 * for its end. Throws with its error output.
 */
export async function runInUnit(service: string, args: string[], agent: string[]): Promise<void> {
  const unit = [`--unit=${unitOf(service)}`, '--collect', '--quiet', '--wait', '--pipe'];
  const done = await tryRun('systemd-run', [...unit, ...agent, ...args], { timeoutMs: 600_000 });
  if (done.code === 0) return;
  if (/already (loaded|exists)/.test(done.stderr))
    throw new Error(`${service} is being changed. Wait until that ends, then try again.`);
  throw new Error(done.stderr.trim() || `it exited with status ${done.code}`);
}

/** Prints one operation's journal entries as they are written, as one line of JSON each, until it is finished. */
export async function followOperation(
  layout: Layout,
  service: string,
  op: string,
  renewDeployLock: () => Promise<void>,
): Promise<void> {
  let shown = 0;
  let silentSince = Date.now();
  let renewed = Date.now();
  for (;;) {
    if (Date.now() - renewed > deployLockMs / 4) {
      await renewDeployLock();
      renewed = Date.now();
    }
    const entries = entriesOf(readJournal(layout.journal(service)), op);
    for (const entry of entries.slice(shown)) process.stdout.write(`${JSON.stringify(entry)}\n`);
    if (entries.length > shown) silentSince = Date.now();
    shown = entries.length;
    if (entries.some((each) => each.entry === 'finished')) return;
    if (shown === 0 && Date.now() - silentSince > 10_000) throw new Error(await whyNothing(service, op));
    await sleep(100);
  }
}

function entriesOf(journal: Entry[], op: string): Entry[] {
  return journal.filter((each) => (each.entry === 'open' ? each.operation.id === op : each.op === op));
}

async function whyNothing(service: string, op: string): Promise<string> {
  const log = await run('journalctl', [
    '--unit',
    unitOf(service),
    '--lines',
    '10',
    '--output',
    'cat',
    '--no-pager',
  ]);
  return `The operation ${op} on ${service} did not start. Its log:\n${log.stdout.trim()}`;
}
