import { lstatSync, readFileSync } from 'node:fs';
import { tryRun } from '../../system/run.ts';
import { checkUid } from '../effects/as-checker.ts';
import { lookAtFirewall } from '../effects/firewall.ts';
import type { Layout } from '../store/layout.ts';
import { kernelSettings, type ServerFile, serverFiles, volumeUnit } from './server-files.ts';
import { readUnits, serverUnits, unitProblem } from './server-units.ts';
import { mountedVolume } from './volume.ts';

/** What a look at the server itself found: what differs, or why it could not be asked. */
export type ServerState = { differs: string[] } | { unread: string };

/** Something here that does not answer takes nothing from what the server says of its services. */
export async function readServer(layout: Layout): Promise<ServerState> {
  try {
    return { differs: await lookAtServer(layout) };
  } catch (error) {
    return { unread: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * What of the server itself is not as set-up leaves it, for people to read: files, units, settings of the kernel, the
 * user of the health checks, the firewall. Each is asked for itself; nothing is compared with a note of what was once
 * written.
 */
export async function lookAtServer(layout: Layout): Promise<string[]> {
  const [own, user, firewall] = await Promise.all([
    lookAtFilesAndUnits(layout),
    lookAtCheckUser(),
    lookAtFirewall(layout),
  ]);
  return [...own, ...lookAtKernel(), ...user, ...firewall];
}

async function lookAtFilesAndUnits(layout: Layout): Promise<string[]> {
  const volume = await mountedVolume(layout, readSeen(volumeUnit)?.text);
  const units = serverUnits(volume !== null);
  const files = serverFiles({ volume }).flatMap((file) => {
    const problem = fileProblem(file, readSeen(file.path));
    return problem ? [{ path: file.path, problem }] : [];
  });
  const seen = await readUnits(units);
  // Of a unit whose file differs systemd knows something else, which is told by the file.
  const others = units.filter(({ name }) => !files.some(({ path }) => path.endsWith(`/${name}`)));
  return [
    ...files.map(({ path, problem }) => `${path} (${problem})`),
    ...others.flatMap((unit) => unitProblem(unit, seen.get(unit.name)) ?? []),
  ];
}

/** What is on the server at a file's path. */
export interface SeenFile {
  text: string;
  mode: number;
  uid: number;
}

/** What there is at a path; undefined where there is no file. A link counts as a file of other content. */
export function readSeen(path: string): SeenFile | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return undefined;
  const text = found.isFile() ? readFileSync(path, 'utf8') : '';
  return { text, mode: found.mode & 0o7777, uid: found.uid };
}

/** How a file differs from what it should be. Its rights alone change nothing that has to be applied again. */
export type FileProblem = 'missing' | 'content' | 'rights';

export function fileProblem({ text, mode }: ServerFile, seen: SeenFile | undefined): FileProblem | undefined {
  if (!seen) return 'missing';
  if (seen.text !== text) return 'content';
  return seen.mode === (mode ?? 0o644) && seen.uid === 0 ? undefined : 'rights';
}

/** Which settings the kernel has otherwise than their file says. */
export const lookAtKernel = (): string[] =>
  Object.entries(kernelSettings).flatMap(([name, value]) => {
    const seen = readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
    return seen === value ? [] : [`kernel setting ${name} (${seen})`];
  });

/** What `id` says of the user that runs health checks; null if there is no such user. */
export async function checkUserUid(): Promise<number | null> {
  const asked = await tryRun('id', ['-u', 'haven-check'], { timeoutMs: 30_000 });
  return asked.code === 0 ? Number(asked.stdout) : null;
}

async function lookAtCheckUser(): Promise<string[]> {
  const uid = await checkUserUid();
  if (uid === checkUid) return [];
  return [`user haven-check (${uid === null ? 'missing' : `uid ${uid}`})`];
}
