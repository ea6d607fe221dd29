import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDomainFault } from './describe-domain-fault.ts';

const cases: [text: string, said: string][] = [
  ['münchen.de', 'has characters that DNS does not know. Write it as "xn--mnchen-3ya.de"'],
  ['MÜNCHEN.de', 'has characters that DNS does not know. Write it as "xn--mnchen-3ya.de"'],
  ['例え.テスト', 'has characters that DNS does not know. Write it as "xn--r8jz45g.xn--zckzah"'],
  ['example.org.', 'ends with a dot. Write it as "example.org"'],
  ['ada@example.org', 'is an email address. Write it as "example.org"'],
  ['https://example.org/mail', 'is a web address. Write it as "example.org"'],
  ['smtp.example.net:587', 'has a port. Write it as "smtp.example.net"'],
  ['*.example.org', 'has an asterisk. Write it as "example.org"'],
  ['example.org/mail', 'has a path. Write it as "example.org"'],
  ['exa mple.org', 'is not a domain'],
  ['localhost', 'is not a domain'],
  ['', 'is not a domain'],
  ['192.0.2.1', 'is not a domain'],
  ['a b@ü', 'is not a domain'],
];
for (const [text, said] of cases)
  test(`"${text}" ${said}`, () => {
    assert.equal(describeDomainFault(text, 'a domain'), said);
  });
