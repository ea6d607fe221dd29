import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { projectRoot } from '../system/project-root.ts';
import type { FailureEntry, TimesEntry } from './times-table.ts';

/** A reporter of node's test runner that tells how long each file took and why tests failed, one line of JSON each. */
export default async function* timesReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const line = (entry: TimesEntry | FailureEntry): string => `${JSON.stringify(entry)}\n`;
  for await (const { type, data } of events) {
    if (type === 'test:fail') {
      const { error } = data.details;
      // A test fails with its subtests, whose own failures are told.
      if (!('failureType' in error) || error.failureType !== 'subtestsFailed')
        yield line({ kind: 'failure', file: fileOf(data.file), name: data.name, why: explain(error) });
    }
    if (type === 'test:summary' && isOurs(data.file)) {
      const { tests, passed, skipped, todo } = data.counts;
      const counts = { ms: data.duration_ms, passed, failed: tests - passed - skipped - todo };
      yield line(
        data.file
          ? { kind: 'file', name: fileOf(data.file), ...counts }
          : { kind: 'all', name: '', ...counts },
      );
    }
    if ((type === 'test:pass' || type === 'test:fail') && !data.skip) {
      const passed = type === 'test:pass' ? 1 : 0;
      const { name, nesting, file } = data;
      const entry = { name, ms: data.details.duration_ms, passed, failed: 1 - passed };
      // Journeys share one file; each is a test of its own there.
      if (nesting === 0 && file?.includes('/test/e2e/')) yield line({ kind: 'journey', ...entry });
      // Files that share a process are its suites.
      if (nesting === 1 && fileOf(file) === 'setup/load-together.ts') yield line({ kind: 'file', ...entry });
    }
  }
}

/** Not of the project are the files that were written for processes to share (share-processes.ts). */
const isOurs = (file?: string): boolean => !fileOf(file).startsWith('..');

const fileOf = (file?: string): string => (file ? relative(projectRoot, file) : '');

/** What was thrown in a test: its message, and where. */
function explain(error: Error): string {
  const thrown = error.cause instanceof Error ? error.cause : error;
  return thrown.stack ?? thrown.message;
}
