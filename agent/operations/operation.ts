import { setTimeout as sleep } from 'node:timers/promises';
import { deployLockMs } from '../../core/operations/deploy-lock.ts';
import type { WantedOperation } from '../../core/operations/entries.ts';
import { entriesOf, judgeFollowing } from '../../core/operations/following.ts';
import { operationOf, stuckAt, unfinished } from '../../core/operations/transaction.ts';
import { type RunResult, run, tryRun } from '../../system/run.ts';
import { readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';
import { whyBusy } from '../store/running.ts';

const unitOf = (service: string): string => `haven-op-${service}`;

/** How a process says that its operation does not begin (EX_TEMPFAIL, sysexits.h); systemd does not restart it then. */
export const blockedStatus = 75;

/**
 * Starts an operation in a systemd unit named after its service, so that one service never has two at once. systemd
 * restarts the unit when it was killed or gave up; the operation then reads its journal and continues. An open operation
 * that is stuck is ended for it.
 */
export async function startOperation(
  layout: Layout,
  wanted: WantedOperation,
  agent: string[],
): Promise<void> {
  const { service } = wanted;
  const crash = process.env.HAVEN_CRASH_AT ? [`--setenv=HAVEN_CRASH_AT=${process.env.HAVEN_CRASH_AT}`] : [];
  const args = [...agent, 'transact', JSON.stringify(wanted)];
  const start = () => systemdRun(service, [...untilItEnds, '-p', 'RestartSec=1s', ...crash, ...args]);
  const stuck = stuckAt(unfinished(readJournal(layout.journal(service))));
  if (stuck && !stuck.canEnd) throw new Error(whyBusy(layout, service));
  const started = stuck ? await insteadOf(service, start) : await afterOther(layout, wanted, start);
  if (started.code === 0) return;
  if (isTaken(started)) throw new Error(whyBusy(layout, service));
  throw new Error(`systemd could not start the operation: ${started.stderr.trim()}`);
}

/** Undoes or finishes a service's open operation, in its unit. Does nothing while that unit runs. */
export async function continueOperation(service: string, agent: string[]): Promise<void> {
  const started = await systemdRun(service, [
    ...untilItEnds,
    '-p',
    'RestartSec=2s',
    ...agent,
    'settle',
    service,
  ]);
  if (started.code !== 0 && !isTaken(started))
    throw new Error(`systemd could not continue the operation on ${service}: ${started.stderr.trim()}`);
}

const untilItEnds = [
  '-p',
  'Restart=on-failure',
  '-p',
  'StartLimitIntervalSec=0',
  '-p',
  `RestartPreventExitStatus=${blockedStatus}`,
];
/** Longer than a service may take to stop and start. */
const unitLimitMs = 30 * 60_000;

/**
 * Runs the agent once in a service's own unit, so that it never runs beside an operation on that service, and waits
 * for its end. Throws with its error output. `instead` ends what that unit is doing.
 */
export async function runInUnit(
  layout: Layout,
  service: string,
  args: string[],
  agent: string[],
  { instead = false }: { instead?: boolean } = {},
): Promise<void> {
  // systemd ends the unit itself: it outlives the systemd-run that waits for it.
  const limit = ['-p', `RuntimeMaxSec=${unitLimitMs / 1000}`];
  const unit = ['--wait', '--pipe', ...limit, ...agent, ...args];
  const start = () => systemdRun(service, unit, { timeoutMs: unitLimitMs + 60_000 });
  const done = instead ? await insteadOf(service, start) : await start();
  if (done.code === 0) return;
  if (isTaken(done)) throw new Error(whyBusy(layout, service));
  throw new Error(done.stderr.trim() || `it exited with status ${done.code}`);
}

/** Ends what a service's unit is doing, and starts this. The timer that recovers operations may be faster, so a few times. */
async function insteadOf(service: string, start: () => Promise<RunResult>): Promise<RunResult> {
  for (let left = 5; ; left -= 1) {
    await run('systemctl', ['stop', `${unitOf(service)}.service`]);
    const started = await start();
    if (!isTaken(started) || left === 1) return started;
  }
}

/** Longer than a service may take to start, and to be undone. */
const otherLimitMs = 10 * 60_000;

/**
 * Starts this, if need be once what the service's unit does has ended: a backup, of which nobody has to know that a change came
 * in the middle of it; or for a deploy, which has the deploy lock, what a run began that was cut off.
 */
async function afterOther(
  layout: Layout,
  { service, task }: WantedOperation,
  start: () => Promise<RunResult>,
): Promise<RunResult> {
  const end = Date.now() + otherLimitMs;
  for (;;) {
    const started = await start();
    const entries = unfinished(readJournal(layout.journal(service)));
    const open = operationOf(entries);
    const canWait = open === undefined || open.task?.kind === 'backup' || task === undefined;
    if (!isTaken(started) || !canWait || stuckAt(entries) || Date.now() > end) return started;
    await sleep(200);
  }
}

const systemdRun = (
  service: string,
  args: string[],
  { timeoutMs }: { timeoutMs?: number } = {},
): Promise<RunResult> =>
  tryRun('systemd-run', ['--quiet', `--unit=${unitOf(service)}`, '--collect', ...args], { timeoutMs });

/** Did systemd refuse, because the service's unit exists? */
const isTaken = ({ code, stderr }: RunResult): boolean =>
  code !== 0 && /already (loaded|exists)/.test(stderr);

/** Whether the service's unit runs, or is about to run again. */
async function isAlive(service: string): Promise<boolean> {
  const args = ['show', '--property=ActiveState', '--value', `${unitOf(service)}.service`];
  const { stdout } = await run('systemctl', args);
  return !['inactive', 'failed'].includes(stdout.trim());
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * Prints one operation's journal entries as they are written, as one line of JSON each, until it is finished. Throws when
 * it does not begin, or can't be undone.
 */
export async function followOperation(
  layout: Layout,
  service: string,
  op: string,
  renewDeployLock: () => Promise<void>,
  say: (line: string) => void = print,
): Promise<void> {
  let shown = 0;
  let renewed = Date.now();
  for (;;) {
    if (Date.now() - renewed > deployLockMs / 4) {
      await renewDeployLock();
      renewed = Date.now();
    }
    // Asked before the journal is read: what a unit did before it ended is in there.
    const alive = shown > 0 || (await isAlive(service));
    const journal = readJournal(layout.journal(service));
    const entries = entriesOf(journal, op);
    for (const entry of entries.slice(shown)) say(JSON.stringify(entry));
    shown = entries.length;
    const state = judgeFollowing(journal, op, alive);
    if (state === 'finished') return;
    if (state === 'stuck') throw new Error(whyBusy(layout, service));
    if (state === 'not begun') throw new Error(await whyNothing(service, op));
    await sleep(100);
  }
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
