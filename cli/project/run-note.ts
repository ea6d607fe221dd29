import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { runsProgram } from '../../system/process-command.ts';
import { deleteIt, readJson } from '../files/read-json.ts';

const notedSchema = z.object({ run: z.string(), pid: z.number() });
type Noted = z.infer<typeof notedSchema>;

/**
 * The run of this folder that holds a deploy lock. If its process was killed, the next run here releases that lock
 * instead of waiting for its end.
 */
export class RunNote {
  readonly #file: string;

  constructor({ stateFolder }: { stateFolder: string }) {
    this.#file = join(stateFolder, '..', 'run.json');
  }

  /** Notes a run, unless another one of this folder is under way. Answers which run was killed before it, if any. */
  begin(run: string): string | undefined {
    const noted = this.#read();
    if (noted !== undefined && noted.pid !== process.pid && runsProgram(noted.pid, 'node')) return undefined;
    writeFileSync(this.#file, JSON.stringify({ run, pid: process.pid } satisfies Noted));
    return noted?.run;
  }

  /** Removes the note of a run that ends. */
  remove(run: string): void {
    if (this.#read()?.run === run) rmSync(this.#file);
  }

  #read(): Noted | undefined {
    return readJson(this.#file, notedSchema, deleteIt);
  }
}
