import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * A name that no other process has, on this machine or another, before or after a reboot: boot, number, and moment of
 * the start (random(4), boot_id; proc_pid_stat(5), field 22). A system without /proc, such as macOS, has no name for
 * a boot; there `ps` tells the moment of the start. Undefined where no such process runs.
 */
export function processName(pid: number = process.pid, proc = '/proc'): string | undefined {
  if (!existsSync(`${proc}/self`)) return nameByPs(pid);
  try {
    const boot = readFileSync(`${proc}/sys/kernel/random/boot_id`, 'utf8').trim();
    const stat = readFileSync(`${proc}/${pid}/stat`, 'utf8');
    // The program's own name is in parentheses and may hold anything; field 3 follows it.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : `${boot} ${pid} ${fields[18]}`;
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function nameByPs(pid: number): string | undefined {
  const { stdout, error } = spawnSync('ps', ['-p', String(pid), '-o', 'lstart='], { encoding: 'utf8' });
  if (error) throw error;
  const started = stdout.trim();
  return started === '' ? undefined : `ps ${pid} ${started}`;
}

/** Does the process of this name still run? */
export const isRunning = (name: string, proc = '/proc'): boolean =>
  processName(Number(name.split(' ')[1]), proc) === name;
