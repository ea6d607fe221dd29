import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeOutlook, listName, type Outlook, reverseName } from './preflight.ts';

const host = 'mail.example.org';
const fine: Outlook = {
  family: 'IPv4',
  address: '192.0.2.7',
  greeting: '220 mx.test ready',
  refused: [],
  names: [host],
  isConfirmed: true,
  lists: [{ list: 'zen.spamhaus.org' }],
};
const results = (change: Partial<Outlook>): string[] =>
  judgeOutlook({ ...fine, ...change }, host).map(({ result, remedy }) => {
    assert.equal(remedy === undefined, result === 'good');
    return result;
  });

test('a server that can send, is known by its name and is on no list is good', () => {
  assert.deepEqual(results({}), ['good', 'good', 'good']);
});

test('a blocked port, another name, a name that leads elsewhere and an entry in a list are bad', () => {
  const { greeting: _, ...silent } = fine;
  const [sends] = judgeOutlook({ ...silent, refused: ['mx.test: no answer within 10 s'] }, host);
  assert.equal(sends?.result, 'bad');
  assert.match(sends?.evidence ?? '', /no answer within 10 s/);
  assert.match(sends?.remedy ?? '', /console\.hetzner\.com, "Limits"\..* a relay: docs\/owners\/mail\.md$/);
  assert.deepEqual(results({ names: ['static.7.2.0.192.clients.test'] }), ['good', 'bad', 'good']);
  assert.deepEqual(results({ names: [] }), ['good', 'bad', 'good']);
  assert.deepEqual(results({ isConfirmed: false }), ['good', 'bad', 'good']);
  const [, unconfirmed] = judgeOutlook({ ...fine, isConfirmed: false }, host);
  assert.match(unconfirmed?.evidence ?? '', /which does not lead to it$/);
  const listed = [{ list: 'zen.spamhaus.org', answer: '127.0.0.2' }];
  assert.deepEqual(results({ lists: listed }), ['good', 'good', 'bad']);
});

test('what the DNS does not answer the server is unknown', () => {
  const silent = [{ list: 'zen.spamhaus.org', why: 'queryA ETIMEOUT' }];
  assert.deepEqual(
    results({ whyUnnamed: 'queryA ESERVFAIL mail.example.org', isConfirmed: false, lists: silent }),
    ['good', 'unknown', 'unknown'],
  );
});

test('a blocked port is as it should be where a relay sends, and a name that is unknown tells nothing', () => {
  const { greeting: _, ...silent } = fine;
  const [byRelay] = judgeOutlook({ ...silent, refused: ['mx.test: no answer'] }, host, 'relay');
  assert.equal(byRelay?.result, 'good');
  assert.match(byRelay?.evidence ?? '', /mx\.test: no answer\. Email goes by the relay$/);
  const [untried] = judgeOutlook({ ...silent, refused: ['mx.test: unknown'], isUntried: true }, host);
  assert.equal(untried?.result, 'unknown');
});

test('a list that refuses to answer says nothing about the address', () => {
  const lists = [{ list: 'zen.spamhaus.org', answer: '127.255.255.254' }];
  assert.deepEqual(results({ lists }), ['good', 'good', 'unknown']);
});

test('an address is turned around for a list', () => {
  assert.equal(listName('zen.spamhaus.org', '192.0.2.7'), '7.2.0.192.zen.spamhaus.org');
  // The example of RFC 5782 §2.4.
  assert.equal(
    listName('ugly.example.com', '2001:db8:1:2:3:4:567:89ab'),
    'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ugly.example.com',
  );
  assert.equal(reverseName('192.0.2.7'), '7.2.0.192.in-addr.arpa');
  assert.match(reverseName('2001:db8::1'), /^1(\.0){23}\.8\.b\.d\.0\.1\.0\.0\.2\.ip6\.arpa$/);
  assert.match(listName('l.test', '2001:db8::1'), /^1(\.0){23}\.8\.b\.d\.0\.1\.0\.0\.2\.l\.test$/);
});
