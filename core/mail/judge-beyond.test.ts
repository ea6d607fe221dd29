import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeDmarcReports, judgeMailHost, judgeSpfLookUps, reportReceivers } from './judge-beyond.ts';

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

test('only an alias for the mail server is a check', () => {
  assert.equal(judgeMailHost('mail.example.org', []), undefined);
  assert.equal(judgeMailHost('mail.example.org', 'silent'), undefined);
  assert.match(judgeMailHost('mail.example.org', ['box.test'])?.evidence ?? '', /alias of box\.test/);
});

test('an SPF record that takes too much is bad, and one that could not be counted is unknown', () => {
  assert.equal(judgeSpfLookUps('example.org', { count: 3 }).evidence, '3 of at most 10');
  assert.equal(judgeSpfLookUps('example.org', { count: 3, isUnknown: true }).result, 'unknown');
  const bad = judgeSpfLookUps('example.org', { count: 12, fault: 'too many', isUnknown: true });
  assert.deepEqual([bad.result, bad.evidence], ['bad', 'too many']);
});
