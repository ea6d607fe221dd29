import type { Problem } from '../../core/problem.ts';

/** What the operating system refuses, and what to do (errno(3)); the name of the file comes before it. */
const refusals: Record<string, [what: string, remedy: string]> = {
  EISDIR: ['is a directory, not a file.', 'Move it away, then run the command again.'],
  ENOTDIR: [
    'a part of this path is a file, not a directory.',
    'Move that file away, then run the command again.',
  ],
  EEXIST: ['a file of this name already exists.', 'Move it away, then run the command again.'],
  EACCES: [
    'this user may not read or write it.',
    'Change its owner or its mode, then run the command again.',
  ],
  EPERM: ['this user may not read or write it.', 'Change its owner or its mode, then run the command again.'],
  EROFS: ['is on a file system that is read-only.', 'Make it writable, then run the command again.'],
  ENOSPC: ['the disk is full.', 'Free some space, then run the command again.'],
  EDQUOT: ['your disk quota is used up.', 'Free some space, then run the command again.'],
  EIO: ["can't be read: the disk reports an error.", 'Check the disk, or restore the file from a copy.'],
  ELOOP: ['is a link that leads back to itself.', 'Replace it, then run the command again.'],
  ENAMETOOLONG: ['its name is too long for this file system.', 'Choose a shorter path.'],
  EMFILE: ['this process has too many open files.', 'Close other programs, then run the command again.'],
  ENFILE: ['this computer has too many open files.', 'Close other programs, then run the command again.'],
  ENOMEM: ['this computer has no memory left.', 'Close other programs, then run the command again.'],
};

/** What the operating system refused, in the house's form; undefined if it is something that haven should have known. */
export function systemProblem(error: Error): Problem | undefined {
  const { code = '', syscall = '', path } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' && syscall.startsWith('spawn ')) {
    const program = syscall.slice('spawn '.length);
    const what = 'this program is not installed, or not in PATH.';
    return { where: program, what, remedy: `Install ${program}, then run the command again.` };
  }
  const refusal = refusals[code];
  if (refusal === undefined) return undefined;
  const [what, remedy] = refusal;
  return { where: path ?? 'this computer', what, remedy };
}
