import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { projectRoot } from '../system/project-root.ts';
import type { TimesEntry } from './times-table.ts';

/** A reporter of node's test runner that tells how long each file took, one line of JSON each. */
export default async function* timesReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const line = (entry: TimesEntry): string => `${JSON.stringify(entry)}\n`;
  for await (const { type, data } of events) {
    if (type === 'test:summary') {
      const { tests, passed, skipped, todo } = data.counts;
      const counts = { ms: data.duration_ms, passed, failed: tests - passed - skipped - todo };
      yield line(
        data.file
          ? { kind: 'file', name: relative(projectRoot, data.file), ...counts }
          : { kind: 'all', name: '', ...counts },
      );
    }
    // Journeys share one file; each is a test of its own there.
    if ((type === 'test:pass' || type === 'test:fail') && data.nesting === 0 && !data.skip) {
      const passed = type === 'test:pass' ? 1 : 0;
      if (data.file?.includes('/test/e2e/'))
        yield line({
          kind: 'journey',
          name: data.name,
          ms: data.details.duration_ms,
          passed,
          failed: 1 - passed,
        });
    }
  }
}
