import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ProblemsError } from '../../core/problem.ts';
import { findStateFile, readStateFile } from '../../stacks/state-file.ts';
import type { Project } from './project.ts';
import { stateBackend } from './state-backend.ts';

/** The file of this cloud's state, if what is in it is not a state: cut short by a full disk, or changed by hand. */
export function damagedState({
  stateFolder,
  config,
}: Pick<Project, 'stateFolder' | 'config'>): string | undefined {
  const file = findStateFile(stateBackend(stateFolder), 'openhaven', config.id);
  if (file === undefined) return undefined;
  try {
    return typeof readStateFile(file).version === 'number' ? undefined : file;
  } catch (error) {
    // What the system refuses is another problem, and says so.
    if ((error as NodeJS.ErrnoException).code !== undefined) throw error;
    return file;
  }
}

/** The engine would say that a command failed, and which. */
export function assertWholeState(project: Project): void {
  const file = damagedState(project);
  if (file === undefined) return;
  throw new ProblemsError([
    {
      where: file,
      what: 'the state of this cloud is damaged. Nothing was changed.',
      remedy: 'After each change its server got a copy of it. To use that copy, run: haven state use server',
    },
  ]);
}

/** Makes room for a state in the place of a damaged one, which is kept. Answers with where, and with how to undo that. */
export function setStateAside(file: string, stateFolder: string): { kept: string; putBack(): void } {
  const folder = join(stateFolder, '..', 'kept-states');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const kept = join(folder, `${readdirSync(folder).length + 1}-damaged.json`);
  renameSync(file, kept);
  return {
    kept,
    putBack: () => {
      mkdirSync(dirname(file), { recursive: true });
      renameSync(kept, file);
    },
  };
}
