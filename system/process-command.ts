import { existsSync, readFileSync } from 'node:fs';

/**
 * Does the process of this number run this program? A number alone may belong to another program by now, so its command
 * line is asked (proc_pid_cmdline(5)). A system without /proc, such as macOS, only knows whether the number is in use.
 */
export function runsProgram(pid: number, program: string, proc = '/proc'): boolean {
  if (!existsSync(`${proc}/self`)) return isInUse(pid);
  try {
    // Empty for a process that has ended and whose parent has not asked for its status yet.
    return readFileSync(`${proc}/${pid}/cmdline`, 'utf8').includes(program);
  } catch (error) {
    // No such process (ENOENT), or one that ends just now (ESRCH).
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Is there a process of this number? Signal 0 is sent to nobody and only checks whether it could be (kill(2)). */
export function isInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
