/** What the reporter tells: of one file, of one journey in the file that follows, or of the whole run. */
export interface TimesEntry {
  kind: 'file' | 'journey' | 'all';
  name: string;
  ms: number;
  passed: number;
  failed: number;
}

/** Seconds by file, the slowest first. Below a file are its journeys, in the order in which they ran. */
export function renderTimes(entries: TimesEntry[], head: string): string {
  const files: { entry: TimesEntry; journeys: TimesEntry[] }[] = [];
  let journeys: TimesEntry[] = [];
  for (const entry of entries) {
    if (entry.kind === 'journey') journeys.push(entry);
    if (entry.kind !== 'file') continue;
    files.push({ entry, journeys });
    journeys = [];
  }
  const row = ({ name, ms, failed }: TimesEntry, indent = ''): string =>
    `${(ms / 1000).toFixed(1).padStart(8)} s  ${indent}${name}${failed > 0 ? '  FAILED' : ''}`;
  return [
    head,
    ...files
      .toSorted((a, b) => b.entry.ms - a.entry.ms)
      .flatMap((each) => [row(each.entry), ...each.journeys.map((journey) => row(journey, '  '))]),
  ].join('\n');
}

/** How many tests passed and failed in all runs together. */
export function countTests(entries: TimesEntry[]): { passed: number; failed: number } {
  const runs = entries.filter((each) => each.kind === 'all');
  const sum = (of: (each: TimesEntry) => number) => runs.reduce((total, each) => total + of(each), 0);
  return { passed: sum((each) => each.passed), failed: sum((each) => each.failed) };
}

/** Why a test failed, as the reporter tells it: what was thrown, with where. */
export interface FailureEntry {
  kind: 'failure';
  file: string;
  name: string;
  why: string;
}

/** Enough for a sentence, a difference and the place, while thirty failures can still be read. */
const linesOfFailure = 30;

/** Every failure once more, since a page of a long run shows its end. */
export const renderFailures = (failures: FailureEntry[]): string =>
  failures
    .map(({ file, name, why }) => {
      const lines = why.split('\n').slice(0, linesOfFailure);
      return [`✖ ${name} (${file})`, ...lines.map((line) => `    ${line}`)].join('\n');
    })
    .join('\n\n');
