import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineProblems } from './engine-error.ts';
import { renderProblem } from './problem.ts';

const companies = [
  { name: 'Hetzner', host: 'api.hetzner.cloud', secret: 'hcloud-token' },
  { name: 'Cloudflare', host: 'api.cloudflare.com', secret: 'cloudflare-token' },
];

/** As the engine and its plugins really say it; `said` is what an owner reads. */
const errors: [name: string, error: string, said: RegExp][] = [
  [
    'a type that is sold out',
    '1 error occurred:\n\t* error during placement: cx23 is not available in fsn1 (resource_unavailable, 4f2c0e5d9a1b)\n\n',
    /^Hetzner: error during placement: cx23 is not available in fsn1\. .*server\.type or server\.location/,
  ],
  [
    'a limit',
    'sdk-v2/provider2.go:572: sdk.helper_schema: server limit exceeded (resource_limit_exceeded, 1a2b): provider=hcloud@1.38.0',
    /^Hetzner: server limit exceeded\. .*under Limits/,
  ],
  [
    'too many requests',
    'limit of 3600 requests per hour reached (rate_limit_exceeded)',
    /^Hetzner: limit .*Wait a few minutes/,
  ],
  [
    'an account that is not verified',
    'your account is not yet verified (forbidden)',
    /^Hetzner: .*verify your account first/,
  ],
  [
    'a name that is used',
    'server name is already used (uniqueness_error)',
    /^Hetzner: .*Rename or delete it/,
  ],
  ['a token', 'unable to authenticate (unauthorized)', /^Hetzner: .*haven secret set hcloud-token/],
  [
    'a token that only reads',
    'token is read only (token_readonly, 0f)',
    /^Hetzner: .*"Read & Write".*haven secret set hcloud-token/,
  ],
  [
    'a name that is not found',
    '1 error occurred:\n\t* Get "https://api.hetzner.cloud/v1/servers?label_selector=haven%3D%3Dx": dial tcp: lookup api.hetzner.cloud on 127.0.0.53:53: no such host\n\n',
    /^Hetzner: can't be reached: no name server knows api\.hetzner\.cloud\. Check your connection, then run the command again\.$/,
  ],
  [
    'silence',
    'Post "https://api.cloudflare.com/client/v4/zones/0a/dns_records": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    /^Cloudflare: can't be reached: api\.cloudflare\.com does not answer\. /,
  ],
  [
    'a wrong certificate',
    'Get "https://api.hetzner.cloud/v1/pricing": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    /^Hetzner: can't be reached: the certificate of api\.hetzner\.cloud can't be trusted\. /,
  ],
  [
    'a token that may not write',
    'failed to make http request\nPOST "https://api.cloudflare.com/client/v4/zones/0a/dns_records": 403 Forbidden {"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}',
    /^Cloudflare: does not let this token do that \(403\)\. Create a new one, then run: haven secret set cloudflare-token$/,
  ],
  [
    "a company's own fault",
    'POST "https://api.cloudflare.com/client/v4/zones/0a/dns_records": 500 Internal Server Error {"errors":[{"message":"try later"}]}',
    /^Cloudflare: answers 500: try later\. Wait a few minutes, then run: haven up$/,
  ],
  [
    'one name twice',
    "Duplicate resource URN 'urn:pulumi:club::openhaven::cloudflare:index/dnsRecord:DnsRecord::login.example.org A'; try giving it a unique name",
    /^haven\.yaml: two parts of this cloud have the same name \(login\.example\.org A\)\. Choose another subdomain/,
  ],
  [
    'an engine that ended',
    'code: -2\n stdout: \n stderr: Command failed with exit code 1: /cache/bin/pulumi preview --refresh --client=127.0.0.1:1\nerr?: Error: Command failed\n',
    /^haven: the Pulumi engine ended before it was done\. Run the command again\./,
  ],
  [
    'the name of a resource',
    'resource urn:pulumi:club::openhaven::hcloud:index/volume:Volume::server-a-volume is protected',
    /^haven: resource server-a-volume is protected\.$/,
  ],
];

for (const [name, error, said] of errors)
  test(`says what the engine means, in words: ${name}`, () => {
    const problems = engineProblems([error, error], companies);
    assert.equal(problems.length, 1, 'the same twice is one problem');
    const text = renderProblem(problems[0]!);
    assert.match(text, said);
    assert.doesNotMatch(text, /https?:|urn:|errors? occurred/);
  });

test('leaves other errors as they are, and different ones apart', () => {
  assert.deepEqual(
    engineProblems(['ledger did not start, and the change was undone.', 'wiki did not start'], companies).map(
      renderProblem,
    ),
    ['haven: ledger did not start, and the change was undone.', 'haven: wiki did not start.'],
  );
});
