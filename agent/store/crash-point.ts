import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PointInStep } from '../../core/operations/crash-points.ts';
import type { Step } from '../../core/operations/entries.ts';

/** Between the steps of an operation and its entries, or inside a step. */
export type CrashPoint =
  | `${'do' | 'undo'}:${Step}:${'before' | 'begun' | 'effect' | 'done'}`
  | `commit:${'before' | 'done'}`
  | 'finish:before'
  | PointInStep;

/**
 * Where a crash test ends this process, once: `HAVEN_CRASH_AT=do:start:begun`. Without the variable this does
 * nothing. `undo:start:begun,do:check:done` ends it at the first point, and after its restart at the second.
 */
export function crashPoint(point: CrashPoint): void {
  const wanted = process.env.HAVEN_CRASH_AT?.split(',');
  if (!wanted?.includes(point)) return;
  const marks = '/run/haven/crashed';
  const mark = join(marks, point.replaceAll(':', '-'));
  if (existsSync(mark)) return;
  mkdirSync(marks, { recursive: true });
  writeFileSync(mark, '');
  process.kill(process.pid, 'SIGKILL');
}
