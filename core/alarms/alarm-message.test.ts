import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToldCondition } from './alarm-memory.ts';
import { renderAlarm, renderTest } from './alarm-message.ts';
import { ntfyRequest } from './ntfy-request.ts';
import { webhookRequest } from './webhook-request.ts';

const now = Date.parse('2026-11-29T12:00:00Z');
const told = (subject: string): ToldCondition => ({
  kind: 'service',
  subject,
  what: `${subject} does not work.`,
  fix: `Run: haven logs ${subject}`,
  since: '2026-11-29T11:58:00.000Z',
});
const news = { begun: [told('gitea')], lasting: [], over: [told('website')] };

test('says what is wrong since when, what to run, and what is good again', () => {
  const { title, text, kind } = renderAlarm('example.org', news, now);
  assert.equal(title, 'example.org: 1 alarm, 1 over');
  assert.equal(kind, 'alarm');
  assert.equal(
    text,
    'gitea does not work. Since 2026-11-29 11:58 UTC.\nRun: haven logs gitea\n\nGood again. It was, since 2026-11-29 11:58 UTC: website does not work.',
  );
  const good = renderAlarm('example.org', { ...news, begun: [] }, now);
  assert.deepEqual([good.title, good.kind], ['example.org: good again', 'good']);
  const reminder = renderAlarm('example.org', { begun: [], lasting: [told('a')], over: [] }, now);
  assert.match(reminder.text, /This is a reminder\.\nRun/);
});

test('many at once fit into the shortest limit of a receiver', () => {
  const begun = Array.from({ length: 40 }, (_, number) => told(`service-${number}`.padEnd(20, 'x')));
  const { text, title } = renderAlarm('a-cloud-with-a-long-name.example.org', { ...news, begun }, now);
  assert.match(text, /And 35 more\. To see all, run: haven alarm list$/);
  assert.ok(title.length + text.length < 1900, `${text.length}`);
});

test('ntfy gets title, priority, tags, a page to open and its token', () => {
  const message = renderAlarm('example.org', news, now);
  const given = {
    server: 'https://ntfy.sh/',
    topic: 't0pic',
    token: 'tk_1',
    click: 'https://me.example.org/',
  };
  const { address, headers, body } = ntfyRequest(message, given);
  assert.equal(address, 'https://ntfy.sh/t0pic');
  assert.deepEqual(headers, {
    'content-type': 'text/plain; charset=utf-8',
    title: 'example.org: 1 alarm, 1 over',
    priority: '4',
    tags: 'warning',
    click: 'https://me.example.org/',
    authorization: 'Bearer tk_1',
  });
  assert.equal(body, message.text);
  const plain = ntfyRequest(renderTest('example.org', now), { server: 'https://ntfy.sh', topic: 't' });
  assert.deepEqual(Object.keys(plain.headers), ['content-type', 'title', 'priority', 'tags']);
});

test('a webhook gets the documented fields as JSON', () => {
  const message = renderAlarm('example.org', news, now);
  const { headers, body } = webhookRequest(message, { address: 'https://hooks.example.com/k', token: 'tk' });
  assert.equal(headers.authorization, 'Bearer tk');
  const sent = JSON.parse(body) as Record<string, unknown>;
  assert.deepEqual(Object.keys(sent), ['cloud', 'kind', 'at', 'title', 'text', 'alarms', 'content']);
  assert.deepEqual((sent.alarms as unknown[])[0], {
    kind: 'service',
    subject: 'gitea',
    what: 'gitea does not work.',
    fix: 'Run: haven logs gitea',
    since: '2026-11-29T11:58:00.000Z',
    state: 'begun',
  });
  assert.equal(sent.content, sent.text);
});
