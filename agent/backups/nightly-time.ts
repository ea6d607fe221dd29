import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { renderNightlyTime } from '../../core/backups/nightly-time.ts';
import { RunError, run } from '../../system/run.ts';
import { writeDurably } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { readBackupOrder } from './backup-order.ts';

const timer = 'haven-backup.timer';
const file = `/etc/systemd/system/${timer}.d/time.conf`;
/** systemd's note of when a persistent timer last ran (systemd.timer(5), Persistent=). */
const stamp = `/var/lib/systemd/timers/stamp-${timer}`;

/** Gives the timer of the nightly backup the owner's time. Called after an order was put or removed. */
export async function applyNightlyTime(layout: Layout): Promise<void> {
  const settings = readBackupOrder(layout)?.settings;
  const wanted = settings && renderNightlyTime(settings);
  const text =
    wanted === undefined
      ? undefined
      : `# Written by the haven agent; changes here are overwritten.\n[Timer]\nOnCalendar=\nOnCalendar=${wanted}\n`;
  const found = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (found === text) return;
  if (wanted !== undefined) await refuseUnknown(wanted);
  if (text === undefined) rmSync(file, { force: true });
  else writeDurably(file, text);
  // The new time counts from now: one that has passed today is not made up for.
  mkdirSync(dirname(stamp), { recursive: true });
  if (!existsSync(stamp)) writeFileSync(stamp, '');
  utimesSync(stamp, new Date(), new Date());
  await run('systemctl', ['daemon-reload']);
  await run('systemctl', ['restart', timer]);
}

/** With a time that systemd does not know the timer would not run at all. */
async function refuseUnknown(time: string): Promise<void> {
  try {
    await run('systemd-analyze', ['calendar', time]);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    throw new Error(
      `The server does not know the time "${time}" of the nightly backup. Check timeZone and backups.time in haven.yaml, then run: haven up`,
      { cause: error },
    );
  }
}
