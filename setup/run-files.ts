import { createWriteStream } from 'node:fs';
import { relative, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { loadDurations, saveDuration } from '../sandbox/build/durations.ts';
import { longestFirst } from './longest-first.ts';
import { writeSharedFiles } from './share-processes.ts';
import timesReporter from './times-reporter.ts';

/**
 * A process that runs test files with node's own runner, the longest first, and exits with 1 if a test failed. Node's command
 * line would take them by name. Arguments: how many at once, the limit of each in milliseconds, "shared" where files share
 * processes, where to write the times of each ('' for nowhere), the files.
 */
const [atOnce, limitMs, isShared, timesFile, ...files] = process.argv.slice(2);
const events = run({
  files:
    isShared === 'shared'
      ? writeSharedFiles(files, Number(atOnce))
      : longestFirst(files, loadDurations()).map((file) => resolve(file)),
  concurrency: Number(atOnce),
  timeout: Number(limitMs),
});
events.on('test:fail', () => {
  process.exitCode = 1;
});
events.on('test:summary', ({ file, success, duration_ms }) => {
  if (file !== undefined && success && isShared !== 'shared')
    saveDuration(relative('.', file), duration_ms / 1000);
});
events.compose(spec).pipe(process.stdout);
if (timesFile) events.compose(timesReporter).pipe(createWriteStream(timesFile));
