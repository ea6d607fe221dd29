import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mailPages } from './mail-pages.ts';

const texts = (options: { pop3?: boolean }): string =>
  mailPages(['example.org'], 'mail.example.org', options)
    .flatMap(({ pages }) => pages.map(({ text }) => text))
    .join('\n');

test('mail programs are told of POP3 while it is offered, after IMAP', () => {
  const on = texts({ pop3: true });
  assert.match(
    on,
    /<incomingServer type="imap">[\s\S]*<incomingServer type="pop3">\s*<hostname>mail\.example\.org<\/hostname>\s*<port>995<\/port>\s*<socketType>SSL</,
  );
  assert.match(
    on,
    /<Type>IMAP<\/Type>[\s\S]*<Type>POP3<\/Type>[\s\S]*?<Port>995<\/Port>[\s\S]*?<SSL>on<\/SSL>/,
  );
  assert.doesNotMatch(texts({}), /pop3/i);
});
