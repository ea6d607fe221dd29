import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Takeover } from '../../core/dns/takeover.ts';
import { isRunning, processName } from '../../system/process-name.ts';

/** A takeover, and the DNS provider at which it happens. */
export type JournaledTakeover = Takeover & { provider: string };

interface JournalFile {
  /** The process that writes it. */
  writer: string | undefined;
  takeovers: JournaledTakeover[];
}

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
    if (!existsSync(this.#file)) return { writer: undefined, takeovers: [] };
    return JSON.parse(readFileSync(this.#file, 'utf8')) as JournalFile;
  }

  #write(takeovers: JournaledTakeover[]): void {
    if (takeovers.length === 0) {
      rmSync(this.#file, { force: true });
      return;
    }
    const content: JournalFile = { writer: processName(), takeovers };
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    writeFileSync(`${this.#file}.new`, JSON.stringify(content, null, 1), { flush: true });
    renameSync(`${this.#file}.new`, this.#file);
  }
}
