import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Takeover } from '../../core/dns/takeover.ts';
import { isRunning, processName } from '../../system/process-name.ts';
import { writeWhole } from '../../system/whole-file.ts';
import { readJson } from '../files/read-json.ts';

/** A takeover, and the DNS provider at which it happens. */
export type JournaledTakeover = Takeover & { provider: string };

interface JournalFile {
  /** The process that writes it. */
  writer: string | undefined;
  takeovers: JournaledTakeover[];
}

const journalSchema = z.looseObject({ takeovers: z.array(z.looseObject({})) });

/** What was being changed is not known any more. */
const compareRecords =
  'Compare the records at your DNS provider with the files in before.zone/, and restore those that are missing. Then delete it, and run the command again.';

/**
 * Owner's records whose takeover is not final yet, in `.haven/dns-takeovers.json`: on disk before a record is removed
 * or changed, and deleted when every takeover is final or undone.
 */
export class TakeoverJournal {
  readonly #file: string;

  constructor(directory: string) {
    this.#file = join(directory, '.haven', 'dns-takeovers.json');
  }

  get takeovers(): JournaledTakeover[] {
    return this.#read().takeovers;
  }

  /** Is the run that wrote it still under way? Then it is that run's business. */
  get isInUse(): boolean {
    const { writer } = this.#read();
    return writer !== undefined && writer !== processName() && isRunning(writer);
  }

  add(takeover: JournaledTakeover): void {
    this.#write([...this.takeovers, takeover]);
  }

  /** Forgets the takeover of the record with this id. */
  drop(id: string): void {
    this.#write(this.takeovers.filter((each) => each.existing.id !== id));
  }

  #read(): JournalFile {
    const found = readJson(this.#file, journalSchema, compareRecords) as JournalFile | undefined;
    return found ?? { writer: undefined, takeovers: [] };
  }

  #write(takeovers: JournaledTakeover[]): void {
    if (takeovers.length === 0) {
      rmSync(this.#file, { force: true });
      return;
    }
    const content: JournalFile = { writer: processName(), takeovers };
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    writeWhole(this.#file, JSON.stringify(content, null, 1));
  }
}
