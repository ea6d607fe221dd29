import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmsHandler } from './alarms-handler.ts';

const ways = {
  cloud: 'example.org',
  ntfy: { server: 'https://ntfy.sh' },
  secrets: { 'alarm-ntfy-topic': 1 },
};
const inputs = { host: '198.51.100.7', hostKey: 'k', server: '1', ways };
const changed = (outputs: object): string[] =>
  alarmsHandler.diff('alarms', { ...inputs, ...outputs }, inputs, inputs).changed;

test('sends alarms again where ways, a secret or the server differ, and only there', () => {
  assert.deepEqual(changed({}), []);
  const { secrets, ntfy, cloud } = ways;
  assert.deepEqual(changed({ ways: { secrets, ntfy, cloud } }), [], 'the order of keys says nothing');
  assert.deepEqual(changed({ host: '198.51.100.8' }), [], 'an address changes nothing on the server');
  assert.deepEqual(changed({ ways: { ...ways, secrets: { 'alarm-ntfy-topic': 2 } } }), ['ways']);
  assert.deepEqual(changed({ server: '2' }), ['server'], 'a new server has none yet');
});
