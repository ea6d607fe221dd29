import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mainCf } from './main-cf.ts';

const setting = (name: string): string => {
  const text = mainCf({ host: 'mail.example.org', domains: ['example.org'], recipientsAtOnce: 300 });
  return new RegExp(`^${name} = (.*)$`, 'm').exec(text)?.[1] ?? assert.fail(name);
};

test('email is refused while less space is free than Postfix wants for the largest one', () => {
  // postconf(5): "it is currently recommended to set it to at least 1.5 times the message_size_limit".
  assert.ok(Number(setting('queue_minfree')) >= 1.5 * Number(setting('message_size_limit')));
});
