import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a program is built without, by the file of its source: all of the file, or some of its lines. Each with why. */
export type LeftOut = Record<string, string | Record<string, string>>;

/**
 * Removes from the source in `folder` what a program is built without. A file or a line that is not found means that
 * the source is another one than the list was written for, so an error names all of them, and nothing is changed.
 */
export function leaveOut(folder: string, leftOut: LeftOut): void {
  const problems: string[] = [];
  const changes: (() => void)[] = [];
  for (const [file, lines] of Object.entries(leftOut)) {
    const path = join(folder, file);
    if (!existsSync(path)) {
      problems.push(`${file}: does not exist.`);
    } else if (typeof lines === 'string') {
      changes.push(() => rmSync(path));
    } else {
      const shorter = withoutLines(readFileSync(path, 'utf8'), Object.keys(lines));
      problems.push(...shorter.problems.map((problem) => `${file}: ${problem}`));
      changes.push(() => writeFileSync(path, shorter.text));
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  for (const change of changes) change();
}

/**
 * A Go file without the lines that contain the given parts, and without what those lines open: the lines below that are
 * indented deeper, and the closing bracket. This relies on the indentation that gofmt gives.
 */
function withoutLines(text: string, parts: string[]): { text: string; problems: string[] } {
  const lines = text.split('\n');
  const problems: string[] = [];
  const gone = new Set<number>();
  for (const part of parts) {
    const found = lines.flatMap((line, index) => (line.includes(part) ? [index] : []));
    const [first] = found;
    if (first === undefined || found.length > 1) {
      problems.push(`${found.length} lines contain ${part}, not 1.`);
      continue;
    }
    for (let index = first; index < endOf(lines, first); index++) gone.add(index);
  }
  return { text: lines.filter((_, index) => !gone.has(index)).join('\n'), problems };
}

/** The index after the last line that belongs to the line `at`. */
function endOf(lines: string[], at: number): number {
  const own = lines[at] ?? '';
  let end = at + 1;
  for (let index = end; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (line === '') continue;
    if (indentation(line) <= indentation(own)) break;
    end = index + 1;
  }
  return /[{(]$/.test(own) && /^\s*[})]/.test(lines[end] ?? '') ? end + 1 : end;
}

const indentation = (line: string): number => line.length - line.trimStart().length;
