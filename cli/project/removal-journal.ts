import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Removal } from '../../core/dns/takeover.ts';
import { isRunning, processName } from '../../system/process-name.ts';

/** A removal, and at which DNS provider it was made. */
export interface JournaledRemoval extends Removal {
  provider: string;
}

interface JournalFile {
  /** The process that writes it. */
  writer: string | undefined;
  removals: JournaledRemoval[];
}

/**
 * Owner's records that were removed and whose removal doesn't count yet, in `.haven/dns-removals.json`: on the disk
 * before a record goes, and gone when all is finished or back.
 */
export class RemovalJournal {
  readonly #file: string;

  constructor(directory: string) {
    this.#file = join(directory, '.haven', 'dns-removals.json');
  }

  get removals(): JournaledRemoval[] {
    return this.#read().removals;
  }

  /** Is the run that wrote it still under way? Then it is that run's business. */
  get isInUse(): boolean {
    const { writer } = this.#read();
    return writer !== undefined && writer !== processName() && isRunning(writer);
  }

  add(removal: JournaledRemoval): void {
    this.#write([...this.removals, removal]);
  }

  /** Forgets the removal of the record with this id. */
  drop(id: string): void {
    this.#write(this.removals.filter((each) => each.existing.id !== id));
  }

  #read(): JournalFile {
    if (!existsSync(this.#file)) return { writer: undefined, removals: [] };
    return JSON.parse(readFileSync(this.#file, 'utf8')) as JournalFile;
  }

  #write(removals: JournaledRemoval[]): void {
    if (removals.length === 0) {
      rmSync(this.#file, { force: true });
      return;
    }
    const content: JournalFile = { writer: processName(), removals };
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    writeFileSync(`${this.#file}.new`, JSON.stringify(content, null, 1), { flush: true });
    renameSync(`${this.#file}.new`, this.#file);
  }
}
