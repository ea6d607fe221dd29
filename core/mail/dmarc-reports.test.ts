import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeDmarcReports, reportReceivers } from './dmarc-reports.ts';

test('reports need the consent of other organisations alone', () => {
  const text =
    'v=DMARC1; p=none; rua=mailto:a@example.org,mailto:b@sub.example.org!10m,mailto:c@analyst.test; ruf=mailto:d@Analyst.test';
  assert.deepEqual(reportReceivers('example.org', text), ['analyst.test']);
  assert.deepEqual(reportReceivers('example.org', 'v=spf1 -all'), []);
});

test('a receiver that does not agree is named, with what to ask for', () => {
  assert.equal(judgeDmarcReports('example.org', 'analyst.test', ['v=DMARC1;']).result, 'good');
  assert.equal(judgeDmarcReports('example.org', 'analyst.test', 'error').result, 'unknown');
  const { result, remedy } = judgeDmarcReports('example.org', 'analyst.test', ['other']);
  assert.equal(result, 'bad');
  assert.match(remedy ?? '', /example\.org\._report\._dmarc\.analyst\.test/);
});
