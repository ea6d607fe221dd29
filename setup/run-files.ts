import { createWriteStream } from 'node:fs';
import { relative, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { loadDurations, saveDuration } from '../sandbox/build/durations.ts';
import { longestFirst } from './longest-first.ts';
import type { RunOptions } from './run-tests.ts';
import { writeSharedFiles } from './share-processes.ts';
import timesReporter from './times-reporter.ts';

/**
 * A process that runs test files with node's own runner, the longest first, and exits with 1 if a test failed. Node's command
 * line would take them by name. Arguments: how many at once, the limit of each in milliseconds, whether files share processes
 * (as JSON), where to write the times of each ('' for nowhere), the files.
 */
const [atOnce, limitMs, sharing = 'null', timesFile, ...files] = process.argv.slice(2);
const shared = JSON.parse(sharing) as RunOptions['shared'] | null;
const own = shared ? files.filter((file) => shared.except.includes(file)) : files;
const together = files.filter((file) => !own.includes(file));
const events = run({
  files: [
    ...writeSharedFiles(together, Number(atOnce)),
    ...longestFirst(own, loadDurations()).map((file) => resolve(file)),
  ],
  concurrency: Number(atOnce),
  timeout: Number(limitMs),
});
events.on('test:fail', () => {
  process.exitCode = 1;
});
events.on('test:summary', ({ file, success, duration_ms }) => {
  if (file !== undefined && success && own.includes(relative('.', file)))
    saveDuration(relative('.', file), duration_ms / 1000);
});
events.compose(spec).pipe(process.stdout);
if (timesFile) events.compose(timesReporter).pipe(createWriteStream(timesFile));
