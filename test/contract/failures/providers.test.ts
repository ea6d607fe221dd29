import dns from 'node:dns';
import { after } from 'node:test';
import { datedCertificate } from '../../support/dated-certificate.ts';
import { type Cloud, type FailureCase, provokeAll } from '../../support/failure-table.ts';
import {
  cloudflareRefuses,
  type FaultOf,
  faults,
  hetznerRefuses,
  listenFaulty,
  listenTls,
  refusedAddress,
  refuses,
} from '../../support/faulty-api.ts';

/** A fault at Hetzner's API; at calls that meet none, the emulator answers. */
const hetzner = (faultOf: FaultOf) => async (cloud: Cloud) => {
  process.env.HCLOUD_ENDPOINT = await listenFaulty(cloud.hetzner.url, faultOf);
};
const cloudflare = (faultOf: FaultOf) => async (cloud: Cloud) => {
  process.env.CLOUDFLARE_BASE_URL = await listenFaulty(cloud.cloudflare.url, faultOf);
};
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
    provoke: hetzner((_, path) =>
      isPricing(path) ? hetznerRefuses(403, 'forbidden', 'insufficient permissions') : undefined,
    ),
  },
  {
    name: 'Hetzner: too many requests',
    typed: 'status',
    code: 'unreachable',
    provoke: hetzner(() =>
      hetznerRefuses(429, 'rate_limit_exceeded', 'limit of 3600 requests per hour reached'),
    ),
  },
  {
    name: 'Hetzner: too many requests, for a quarter of an hour',
    typed: 'status',
    code: 'unreachable',
    provoke: hetzner(() =>
      refuses(429, { error: { code: 'rate_limit_exceeded', message: 'limit' } }, { 'retry-after': '900' }),
    ),
  },
  {
    name: 'Hetzner: a fault of its own',
    typed: 'status',
    code: 'unreachable',
    provoke: hetzner(() => refuses(500)),
  },
  {
    name: 'Hetzner: maintenance',
    typed: 'status',
    code: 'unreachable',
    provoke: hetzner(() => refuses(503)),
  },
  {
    name: 'Hetzner: something is in another state',
    typed: 'status',
    provoke: hetzner(() =>
      hetznerRefuses(409, 'conflict', 'the resource has changed during the request, please retry'),
    ),
  },
  { name: 'Hetzner: silence', typed: 'status', code: 'unreachable', provoke: hetzner(() => faults.silence) },
  {
    name: 'Hetzner: the connection ends',
    typed: 'status',
    code: 'unreachable',
    provoke: hetzner(() => faults.closed),
  },
  {
    name: 'Hetzner: the answer is cut',
    typed: 'status',
    code: 'unreachable',
    provoke: hetzner(() => faults.cut),
  },
  {
    name: 'Hetzner: a login page answers',
    typed: 'status',
    code: 'unreachable',
    provoke: hetzner(() => faults.loginPage),
  },
  {
    name: 'Hetzner: other JSON',
    typed: 'status',
    code: 'unreachable',
    provoke: hetzner(() => faults.otherJson),
  },
  {
    name: 'Hetzner: a redirect',
    typed: 'status',
    code: 'unreachable',
    provoke: hetzner(() => faults.redirect),
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
    provoke: cloudflare(() => cloudflareRefuses(401, 1000, 'Invalid API Token')),
  },
  {
    name: 'Cloudflare: the token is none',
    typed: 'plan',
    provoke: cloudflare(() => cloudflareRefuses(400, 6003, 'Invalid request headers')),
  },
  {
    name: 'Cloudflare: the token sees the zone, and no records',
    typed: 'plan',
    provoke: cloudflare((_, path) =>
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
    provoke: cloudflare(() =>
      cloudflareRefuses(429, 971, 'Please wait and consider throttling your request speed'),
    ),
  },
  {
    name: 'Cloudflare: a fault of its own',
    typed: 'plan',
    code: 'unreachable',
    provoke: cloudflare(() => refuses(502)),
  },
  {
    name: 'Cloudflare: silence',
    typed: 'plan',
    code: 'unreachable',
    provoke: cloudflare(() => faults.silence),
  },
  {
    name: 'Cloudflare: the answer is cut',
    typed: 'plan',
    code: 'unreachable',
    provoke: cloudflare(() => faults.cut),
  },
  {
    name: 'Cloudflare: a login page answers',
    typed: 'plan',
    code: 'unreachable',
    provoke: cloudflare(() => faults.loginPage),
  },
  {
    name: 'Cloudflare: other JSON',
    typed: 'plan',
    code: 'unreachable',
    provoke: cloudflare(() => faults.otherJson),
  },
];

provokeAll(import.meta.url, 'providers', table);
