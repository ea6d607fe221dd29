import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planMailCloud } from '../../test/support/mail-cloud.ts';

/** What a plan says of haven.yaml with these options of mail, without the place in the file; undefined if nothing. */
function said(options: object): string | undefined {
  const services = { postbox: undefined, website: undefined, mail: { options } };
  try {
    planMailCloud({ services });
    return undefined;
  } catch (error) {
    return (error as Error).message.replaceAll(/^haven\.yaml:\d+:\d+: services\.mail\.options\./gm, '');
  }
}

const relay = { host: 'smtp.relay.example', user: 'ada' };
const own = 'Name the mail server of another company, where you have an account, or remove "relay".';

const refused: [options: object, said: RegExp][] = [
  [
    { domains: ['münchen.de'] },
    /^domains\.0: "münchen\.de" has .* does not know\. Write it as "xn--mnchen-3ya\.de"\. /,
  ],
  [
    { domains: ['xn--mnchen-3ya.de'] },
    /^domains\.0: "xn--mnchen-3ya\.de" is in none of your zones \(example\.org\)/,
  ],
  [
    { domains: ['elsewhere.example'] },
    /^domains\.0: "elsewhere\.example" is in none of your zones .* Add it to "domains"/,
  ],
  [
    { domains: ['example.org', 'Example.ORG'] },
    /^domains\.1: "example\.org" is listed twice\. Remove one\.$/,
  ],
  [
    { domains: ['example.org.'] },
    /^domains\.0: "example\.org\." ends with a dot\. Write it as "example\.org"/,
  ],
  [{ domains: ['ada@example.org'] }, /is an email address\. Write it as "example\.org"/],
  [{ domains: ['*.example.org'] }, /has an asterisk\. Write it as "example\.org"/],
  ...[
    'localhost',
    'exa mple.org',
    'x_y.example.org',
    'example..org',
    '',
    "ex'ample.org",
    'example.org\n',
  ].map((name): [object, RegExp] => [
    { domains: [name] },
    /^domains\.0: "[^"]*" is not a domain name \(for example: example\.org\)/,
  ]),
  [{ domains: 'example.org' }, /^domains: "example\.org" must be a list, one "- value" per line/],
  [{ domain: 'example.org' }, /^domain: there is no such option\. Did you mean "domains"\?/],
  [
    { resolver: 'dns.example.org' },
    /^resolver: "dns\.example\.org" is not an IPv4 address \(for example: 192\.0\.2\.53\)/,
  ],
  [{ recipientsPerHour: '100' }, /^recipientsPerHour: "100" must be a number, without quotes/],
  [{ recipientsAtOnce: 0 }, /^recipientsAtOnce: "0" must be at least 1/],
  [{ sending: 'smtp' }, /^sending: "smtp" must be one of: auto, direct, relay/],
  [
    { sending: 'relay' },
    /^sending: email is to go by a relay, and there is none\. Add "relay" with host and user/,
  ],
  [{ relay: 'smtp.relay.example' }, /^relay: "smtp\.relay\.example" must be a group of settings/],
  [{ relay: { host: relay.host } }, /^relay\.user: is missing\. Your user name there/],
  [{ relay: { user: relay.user } }, /^relay\.host: is missing\. Name of the relay\.$/],
  [
    { relay: { ...relay, password: 'secret' } },
    /^relay\.password: there is no such option\. There are: host, port, user, domains, spf\.$/,
  ],
  [{ relay: { ...relay, Port: 587 } }, /^relay\.Port: there is no such option\. Did you mean "port"\?$/],
  [
    { relay: { ...relay, host: 'smtp.relay.example:587' } },
    /^relay\.host: .* has a port\. Write it as "smtp\.relay\.example"/,
  ],
  [
    { relay: { ...relay, host: 'https://smtp.relay.example' } },
    /is a web address\. Write it as "smtp\.relay\.example"/,
  ],
  [{ relay: { ...relay, host: 'smtp.münchen.de' } }, /Write it as "smtp\.xn--mnchen-3ya\.de"/],
  ...['192.0.2.1', '2001:db8::1', '[192.0.2.1]', 'relay', '', 'smtp relay.example', 'smtp;relay.example'].map(
    (host): [object, RegExp] => [
      { relay: { ...relay, host } },
      /^relay\.host: ".*" is not a host name \(for example: smtp\.example\.net\)\. Name of the relay\.$/,
    ],
  ),
  [
    { relay: { ...relay, host: 'mail.example.org' } },
    new RegExp(`^relay\\.host: "mail\\.example\\.org" is this cloud's own mail server\\. ${own}$`),
  ],
  ...[0, -1, 70_000].map((port): [object, RegExp] => [
    { relay: { ...relay, port } },
    /^relay\.port: "-?\d+" must be at (least 1|most 65535)\. Its port/,
  ]),
  [{ relay: { ...relay, port: '587' } }, /^relay\.port: "587" must be a number, without quotes\./],
  [{ relay: { ...relay, port: 587.5 } }, /^relay\.port: "587\.5" must be a whole number\./],
  [{ relay: { ...relay, port: 465 } }, /^relay\.port: "465" is blocked where a relay is needed\. Use 587,/],
  [{ relay: { ...relay, user: '' } }, /^relay\.user: "" must not be empty\. [^\n]*$/],
  ...['a b', 'a:b', 'a\tb', 'a\nb'].map((user): [object, RegExp] => [
    { relay: { ...relay, user } },
    /has a blank or a colon/,
  ]),
  [
    { relay: { ...relay, user: 'a'.repeat(201) } },
    /^relay\.user: "a{59}…" must have at most 200 characters\./,
  ],
  [{ relay: { ...relay, domains: [] } }, /^relay\.domains: must have at least one entry\./],
  [
    { relay: { ...relay, domains: ['elsewhere.example'] } },
    /^relay\.domains\.0: this cloud does not receive mail of "elsewhere\.example"/,
  ],
  [
    { relay: { ...relay, spf: ['192.0.2.1', 'v=spf1'] } },
    /^relay\.spf\.1: "v=spf1" must name servers as SPF does/,
  ],
];

for (const [options, pattern] of refused)
  test(`refuses ${JSON.stringify(options).slice(0, 70)}`, () => {
    const text = said(options) ?? '';
    assert.match(text, pattern);
    assert.equal(text.split('\n').length, 1, 'one sentence for one mistake');
    assert.doesNotMatch(text, /Invalid|pattern|undefined|\[object/);
  });

test('accepts what is right, in capitals, too', () => {
  for (const options of [
    {},
    { domains: ['Example.org', 'Team.EXAMPLE.org'] },
    { resolver: '192.0.2.53' },
    {
      relay: { ...relay, host: 'SMTP.Relay.example', port: 2525, domains: ['Example.org'], spf: '192.0.2.1' },
    },
  ])
    assert.equal(said(options), undefined);
});
