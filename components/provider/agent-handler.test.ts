import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentHandler } from './agent-handler.ts';

const inputs = {
  host: '198.51.100.7',
  hostKey: 'k',
  server: '1',
  sha256: 'aa',
  volume: '/dev/v',
  volumeGb: 10,
};
const changed = (outputs: object): string[] =>
  agentHandler.diff('agent', { ...inputs, ...outputs }, inputs, inputs).changed;

test('an agent is brought again where its file, its disk or the server differs, and only there', () => {
  assert.deepEqual(changed({}), []);
  assert.deepEqual(changed({ host: '198.51.100.8' }), [], 'an address changes nothing on the server');
  assert.deepEqual(changed({ sha256: 'bb' }), ['sha256']);
  assert.deepEqual(changed({ volumeGb: 8 }), ['volumeGb']);
  assert.deepEqual(changed({ server: '2' }), ['server'], 'a new server has none yet');
});
