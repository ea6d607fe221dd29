import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseQueue } from './mail-queue.ts';

/** As Postfix 3.10 prints it. */
const deferred =
  '{"queue_name": "deferred", "queue_id": "4jd2gp6Cd2z6N", "arrival_time": 1795993254, "message_size": 607, "forced_expire": false, "sender": "ada@cloud.example", "recipients": [{"address": "friend@elsewhere.example", "delay_reason": "connect to mx.elsewhere.example[198.51.100.186]:25: Connection refused"}, {"address": "other@elsewhere.example"}]}\n';
const other = (queue: string, arrival: number) =>
  `{"queue_name": "${queue}", "queue_id": "4jd2gp6Cd2z${queue}", "arrival_time": ${arrival}, "message_size": 100, "forced_expire": false, "sender": "", "recipients": [{"address": "ada@cloud.example"}]}\n`;

test('an email that waits, with why, and when it is tried again', () => {
  assert.deepEqual(parseQueue(deferred, '4jd2gp6Cd2z6N 1795993315.0000000000\n4jd2gp6Cd2z6X 1.0\n'), [
    {
      id: '4jd2gp6Cd2z6N',
      since: '2026-11-29T23:00:54.000Z',
      bytes: 607,
      from: 'ada@cloud.example',
      state: 'waiting',
      nextTry: '2026-11-29T23:01:55.000Z',
      to: [
        {
          address: 'friend@elsewhere.example',
          why: 'mx.elsewhere.example does not answer (Connection refused)',
          said: 'connect to mx.elsewhere.example[198.51.100.186]:25: Connection refused',
        },
        { address: 'other@elsewhere.example' },
      ],
    },
  ]);
});

test('an empty queue, and one whose times are not known', () => {
  assert.deepEqual(parseQueue('', ''), []);
  assert.equal(parseQueue(deferred, '')[0]?.nextTry, undefined);
});

test('oldest first, with the state of each', () => {
  const listed = other('active', 300) + other('hold', 100) + other('incoming', 200) + other('maildrop', 50);
  assert.deepEqual(
    parseQueue(listed, '').map(({ since, state }) => [Date.parse(since) / 1000, state]),
    [
      [50, 'arriving'],
      [100, 'held'],
      [200, 'arriving'],
      [300, 'trying'],
    ],
  );
});
