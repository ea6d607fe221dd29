import dns from 'node:dns';
import { after } from 'node:test';
import { atCloudflare, atHetzner } from '../../support/companies.ts';
import { datedCertificate } from '../../support/dated-certificate.ts';
import { type FailureCase, provokeAll } from '../../support/failure-table.ts';
import {
  cloudflareRefuses,
  faults,
  hetznerRefuses,
  listenTls,
  refusedAddress,
  refuses,
} from '../../support/faulty-api.ts';

const isPricing = (path: string) => path.endsWith('/pricing');

/** Makes every look-up of a name fail, as without a network or with a name that nobody has. */
function failLookUps(code: 'ENOTFOUND' | 'EAI_AGAIN'): void {
  const { lookup } = dns;
  const fail = (hostname: string, _options: unknown, callback: (error: Error) => void): void => {
    const error = new Error(`getaddrinfo ${code} ${hostname}`);
    process.nextTick(callback, Object.assign(error, { code, hostname, syscall: 'getaddrinfo' }));
  };
  dns.lookup = fail as unknown as typeof dns.lookup;
  after(() => {
    dns.lookup = lookup;
  });
}

const table: FailureCase[] = [
  {
    name: 'Hetzner: the token was revoked',
    typed: 'plan',
    provoke: () => {
      process.env.HCLOUD_TOKEN = 'z'.repeat(64);
    },
  },
  {
    name: 'Hetzner: the token may not read prices',
    typed: 'plan',
    provoke: atHetzner((_, path) =>
      isPricing(path) ? hetznerRefuses(403, 'forbidden', 'insufficient permissions') : undefined,
    ),
  },
  {
    name: 'Hetzner: too many requests',
    typed: 'status',
    code: 'unreachable',
    provoke: atHetzner(() =>
      hetznerRefuses(429, 'rate_limit_exceeded', 'limit of 3600 requests per hour reached'),
    ),
  },
  {
    name: 'Hetzner: too many requests, for a quarter of an hour',
    typed: 'status',
    code: 'unreachable',
    provoke: atHetzner(() =>
      refuses(429, { error: { code: 'rate_limit_exceeded', message: 'limit' } }, { 'retry-after': '900' }),
    ),
  },
  {
    name: 'Hetzner: a fault of its own',
    typed: 'status',
    code: 'unreachable',
    provoke: atHetzner(() => refuses(500)),
  },
  {
    name: 'Hetzner: maintenance',
    typed: 'status',
    code: 'unreachable',
    provoke: atHetzner(() => refuses(503)),
  },
  {
    name: 'Hetzner: something is in another state',
    typed: 'status',
    provoke: atHetzner(() =>
      hetznerRefuses(409, 'conflict', 'the resource has changed during the request, please retry'),
    ),
  },
  {
    name: 'Hetzner: silence',
    typed: 'status',
    code: 'unreachable',
    provoke: atHetzner(() => faults.silence),
  },
  {
    name: 'Hetzner: the connection ends',
    typed: 'status',
    code: 'unreachable',
    provoke: atHetzner(() => faults.closed),
  },
  {
    name: 'Hetzner: the answer is cut',
    typed: 'status',
    code: 'unreachable',
    provoke: atHetzner(() => faults.cut),
  },
  {
    name: 'Hetzner: a login page answers',
    typed: 'status',
    code: 'unreachable',
    provoke: atHetzner(() => faults.loginPage),
  },
  {
    name: 'Hetzner: other JSON',
    typed: 'status',
    code: 'unreachable',
    provoke: atHetzner(() => faults.otherJson),
  },
  {
    name: 'Hetzner: a redirect',
    typed: 'status',
    code: 'unreachable',
    provoke: atHetzner(() => faults.redirect),
  },
  {
    name: 'Hetzner: nothing listens',
    typed: 'status',
    code: 'unreachable',
    provoke: async () => {
      process.env.HCLOUD_ENDPOINT = `${await refusedAddress()}/v1`;
    },
  },
  {
    name: 'Hetzner: a certificate of no authority',
    typed: 'status',
    code: 'unreachable',
    provoke: async () => {
      const certificate = await datedCertificate('api.hetzner.cloud', { agoDays: 1, leftDays: 1 });
      process.env.HCLOUD_ENDPOINT = `${await listenTls(certificate)}/v1`;
    },
  },
  {
    name: 'Hetzner: no TLS where TLS is spoken',
    typed: 'status',
    code: 'unreachable',
    provoke: async (cloud) => {
      process.env.HCLOUD_ENDPOINT = cloud.hetzner.url.replace('http:', 'https:');
    },
  },
  {
    name: 'no name server answers',
    typed: 'status',
    code: 'unreachable',
    provoke: () => {
      failLookUps('EAI_AGAIN');
      process.env.HCLOUD_ENDPOINT = 'https://api.hetzner.cloud/v1';
    },
  },
  {
    name: 'no name server knows the name',
    typed: 'plan',
    code: 'unreachable',
    provoke: () => {
      failLookUps('ENOTFOUND');
      process.env.CLOUDFLARE_BASE_URL = 'https://api.cloudflare.com/client/v4';
    },
  },
  {
    name: 'Cloudflare: the token was revoked',
    typed: 'plan',
    provoke: atCloudflare(() => cloudflareRefuses(401, 1000, 'Invalid API Token')),
  },
  {
    name: 'Cloudflare: the token is none',
    typed: 'plan',
    provoke: atCloudflare(() => cloudflareRefuses(400, 6003, 'Invalid request headers')),
  },
  {
    name: 'Cloudflare: the token sees the zone, and no records',
    typed: 'plan',
    provoke: atCloudflare((_, path) =>
      /dns_records/.test(path) ? cloudflareRefuses(403, 10000, 'Authentication error') : undefined,
    ),
  },
  {
    name: 'Cloudflare: the zone is missing',
    typed: 'plan',
    provoke: (cloud) => {
      cloud.cloudflare.state.zones.length = 0;
    },
  },
  {
    name: 'Cloudflare: too many requests',
    typed: 'plan',
    code: 'unreachable',
    provoke: atCloudflare(() =>
      cloudflareRefuses(429, 971, 'Please wait and consider throttling your request speed'),
    ),
  },
  {
    name: 'Cloudflare: a fault of its own',
    typed: 'plan',
    code: 'unreachable',
    provoke: atCloudflare(() => refuses(502)),
  },
  {
    name: 'Cloudflare: silence',
    typed: 'plan',
    code: 'unreachable',
    provoke: atCloudflare(() => faults.silence),
  },
  {
    name: 'Cloudflare: the answer is cut',
    typed: 'plan',
    code: 'unreachable',
    provoke: atCloudflare(() => faults.cut),
  },
  {
    name: 'Cloudflare: a login page answers',
    typed: 'plan',
    code: 'unreachable',
    provoke: atCloudflare(() => faults.loginPage),
  },
  {
    name: 'Cloudflare: other JSON',
    typed: 'plan',
    code: 'unreachable',
    provoke: atCloudflare(() => faults.otherJson),
  },
];

provokeAll(import.meta.url, 'providers', table);
