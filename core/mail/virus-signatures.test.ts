import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeSignatures, signaturesMadeAt } from './virus-signatures.ts';

const now = Date.parse('2026-11-29T12:00:00Z');
const day = 24 * 60 * 60_000;
const header = (made: number) =>
  `ClamAV-VDB:29 Nov 2026 04-24 -0500:27830:2077000:90:${'a'.repeat(32)}:${'B+/'.repeat(50)}:raynman:${made / 1000}`.padEnd(
    512,
  );

test('the header of a file of signatures says when it was made', () => {
  assert.equal(signaturesMadeAt(header(now)), now);
});

test('what a header does not say, or a stranger could have written into it, is not a time', () => {
  for (const text of [
    '',
    'Eicar-Test-File:0:*:58354f',
    header(now).replace(/:\d+ *$/, ''),
    `${header(now).trim()}999`,
  ])
    assert.equal(signaturesMadeAt(text), undefined, text);
});

test('signatures are old after a week', () => {
  const judged = (ageMs: number) => judgeSignatures('mail', now - ageMs, now);
  assert.deepEqual([judged(7 * day).isOld, judged(7 * day + 1).isOld], [false, true]);
  assert.match(judged(9 * day).what, /virus scanner of mail are 9 days old$/);
  assert.match(judged(day).what, /are 1 day old$/);
  // Their maker's clock may be ahead.
  assert.match(judged(-day).what, /are less than a day old$/);
  assert.equal(judged(-day).isOld, false);
});
