import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mailPreflightHandler } from './mail-preflight-handler.ts';

const mail = { host: 'mail.example.org', domains: ['example.org'], sending: { mode: 'auto' }, password: 0 };
const inputs = { host: '198.51.100.7', hostKey: 'k', server: '1', mail };
const changed = (outputs: object): string[] =>
  mailPreflightHandler.diff('mail-preflight', { ...inputs, ...outputs }, inputs, inputs).changed;

test('the look outward is made again where the way, its password or the server differs, and only there', () => {
  assert.deepEqual(changed({}), []);
  const { domains, host, ...others } = mail;
  assert.deepEqual(changed({ mail: { ...others, domains, host } }), [], 'the order of keys says nothing');
  assert.deepEqual(changed({ mail: { ...mail, sending: { mode: 'direct' } } }), ['mail']);
  assert.deepEqual(changed({ mail: { ...mail, password: 1 } }), ['mail']);
  assert.deepEqual(changed({ server: '2' }), ['server']);
});

test('a preview looks at nothing, and what is past is not read again', async () => {
  assert.deepEqual(await mailPreflightHandler.create(inputs, true), {
    id: 'mail-preflight',
    outputs: inputs,
  });
  assert.deepEqual(await mailPreflightHandler.read('mail-preflight', inputs, inputs), {
    id: 'mail-preflight',
    inputs,
    outputs: inputs,
  });
});
