import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Where a crash test ends this process, once: `HAVEN_CRASH_AT=do:start:begun`. Without the variable this does
 * nothing. `undo:start:begun,do:check:done` ends it at the first point, and after its restart at the second.
 */
export function crashPoint(point: string): void {
  const wanted = process.env.HAVEN_CRASH_AT?.split(',');
  if (!wanted?.includes(point)) return;
  const marks = '/run/haven/crashed';
  const mark = join(marks, point.replaceAll(':', '-'));
  if (existsSync(mark)) return;
  mkdirSync(marks, { recursive: true });
  writeFileSync(mark, '');
  process.kill(process.pid, 'SIGKILL');
}
