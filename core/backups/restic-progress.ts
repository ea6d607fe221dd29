/**
 * Whether restic gets anywhere, by what it prints. It reports its state every few seconds, also while the storage does
 * not answer; only a number that has grown is progress.
 */
export class Progress {
  #rest = '';
  #last = '';

  /** Takes a piece of output. Answers with the lines that are complete now, and whether one of them shows progress. */
  read(text: string): { lines: string[]; hasMoved: boolean } {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    let hasMoved = false;
    for (const line of lines) {
      if (line.trim() === '' || line.includes('returned error, retrying')) continue;
      const counted = line.includes('"message_type":"status"') ? countsOf(line) : line;
      if (counted !== this.#last) hasMoved = true;
      this.#last = counted;
    }
    return { lines, hasMoved };
  }
}

const countsOf = (line: string): string =>
  [...line.matchAll(/"(?:files|bytes)_(?:done|restored|skipped)":\d+/g)].map(([count]) => count).join(' ');
