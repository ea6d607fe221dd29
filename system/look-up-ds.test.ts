import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { type Answer, decode, encode } from 'dns-packet';
import { lookUp } from './look-up.ts';

/** A resolver that answers every question with these records, and with this code. */
async function listen(t: TestContext, answers: Answer[], { rcode = 0, skip = 0 } = {}): Promise<string[]> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) => {
    const { id = 0, questions = [] } = decode(message);
    asked.push(...questions.map(({ name, type }) => `${name} ${type}`));
    if (asked.length > skip)
      socket.send(encode({ type: 'response', id, flags: rcode, questions, answers }), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const before = process.env.HAVEN_RESOLVER;
  process.env.HAVEN_RESOLVER = `127.0.0.1:${socket.address().port}`;
  t.after(() => {
    socket.close();
    if (before === undefined) delete process.env.HAVEN_RESOLVER;
    else process.env.HAVEN_RESOLVER = before;
  });
  return asked;
}

const digest = Buffer.from('ab'.repeat(32), 'hex');
const ds: Answer = {
  type: 'DS',
  name: 'example.org',
  data: { keyTag: 7, algorithm: 13, digestType: 2, digest },
};

test('asks for DS records, and answers with each as text', async (t) => {
  const alias: Answer = { type: 'CNAME', name: 'example.org', data: 'example.net' };
  const asked = await listen(t, [ds, alias, { ...ds, data: { ...ds.data, digestType: 4 } }]);
  const hex = 'ab'.repeat(32);
  assert.deepEqual(await lookUp('example.org', 'DS'), [`7 13 2 ${hex}`, `7 13 4 ${hex}`]);
  assert.deepEqual(asked, ['example.org DS']);
});

test('no records, and no such name, are an empty list', async (t) => {
  await listen(t, []);
  assert.deepEqual(await lookUp('example.org', 'DS'), []);
  await listen(t, [], { rcode: 3 });
  assert.deepEqual(await lookUp('example.org', 'DS'), []);
});

test('asks once more if an answer is lost', async (t) => {
  const asked = await listen(t, [ds], { skip: 1 });
  assert.equal((await lookUp('example.org', 'DS')).length, 1);
  assert.equal(asked.length, 2);
});

test('a resolver that fails is an error with a code, not an empty list', async (t) => {
  await listen(t, [], { rcode: 2 });
  await assert.rejects(lookUp('example.org', 'DS'), { code: 'ESERVFAIL' });
  process.env.HAVEN_RESOLVER = '127.0.0.1:1';
  await assert.rejects(lookUp('example.org', 'DS'), { code: 'ECONNREFUSED' });
});
