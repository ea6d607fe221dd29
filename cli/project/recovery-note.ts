import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../../system/whole-file.ts';
import { readJson } from '../files/read-json.ts';

const noteSchema = z.object({
  /** The id of the cloud that is recovered. */
  haven: z.string(),
  /** How far it is: the files of the copy are being written, all are there, or the cloud itself is being made. */
  phase: z.enum(['writing', 'written', 'making']),
});
export type Recovery = z.infer<typeof noteSchema>;

/**
 * The file `.haven/recovering`, from the first written file of a recovery to its successful end: as long as it exists,
 * `haven up` continues the recovery instead of setting up a cloud without data.
 */
export class RecoveryNote {
  readonly #file: string;

  constructor(directory: string) {
    this.#file = join(directory, '.haven', 'recovering');
  }

  read(): Recovery | undefined {
    return readJson(this.#file, noteSchema, 'Delete it, then run: haven recover');
  }

  write(recovery: Recovery): void {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    writeWhole(this.#file, JSON.stringify(recovery));
  }

  remove(): void {
    rmSync(this.#file, { force: true });
  }
}
