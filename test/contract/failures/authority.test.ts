import { datedCertificate } from '../../support/dated-certificate.ts';
import { type Cloud, type FailureCase, provokeAll } from '../../support/failure-table.ts';
import {
  type Fault,
  faults,
  listenFaulty,
  listenTls,
  refusedAddress,
  refuses,
} from '../../support/faulty-api.ts';

/** `up` of a first server, which registers an account at the authority. */
function buys({ engine }: Cloud): void {
  engine.registers = true;
  engine.changes = [
    {
      kind: 'create',
      type: 'hcloud:index/server:Server',
      name: 'a',
      properties: [],
      after: { serverType: 'cx33', image: 'debian-13', location: 'fsn1' },
    },
  ];
}
const at = (directory: string): void => {
  process.env.HAVEN_ACME_DIRECTORY = `${directory}/directory`;
};

/** An authority that fails at its directory, or at the first call after it. */
const authority =
  (fault: Fault, path = '/directory') =>
  async (cloud: Cloud) => {
    buys(cloud);
    let address = '';
    const directory: Fault = (response) => {
      const calls = {
        newNonce: `${address}/nonce`,
        newAccount: `${address}/account`,
        newOrder: `${address}/order`,
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(calls));
    };
    const nonce: Fault = (response) => void response.writeHead(200, { 'replay-nonce': 'abc' }).end();
    address = await listenFaulty('http://127.0.0.1/', (_, asked) => {
      if (asked === path) return fault;
      return asked === '/nonce' ? nonce : directory;
    });
    address = address.replace(/\/$/, '');
    at(address);
  };
/** A problem document (RFC 7807), as authorities send it. */
const problem = (status: number, type: string, detail: string, headers = {}): Fault =>
  refuses(
    status,
    { type: `urn:ietf:params:acme:error:${type}`, detail, status },
    { 'content-type': 'application/problem+json', ...headers },
  );

const up = { typed: 'up --yes --no-backups' };
const away = { ...up, code: 'unreachable' } as const;

const table: FailureCase[] = [
  {
    name: 'nothing listens',
    ...away,
    provoke: async (cloud) => {
      buys(cloud);
      at(await refusedAddress());
    },
  },
  {
    name: 'a certificate of no authority',
    ...away,
    provoke: async (cloud) => {
      buys(cloud);
      at(await listenTls(await datedCertificate('acme.example', { agoDays: 1, leftDays: 1 })));
    },
  },
  { name: 'silence', ...away, provoke: authority(faults.silence) },
  { name: 'the connection ends', ...away, provoke: authority(faults.closed) },
  { name: 'a fault of its own', ...away, provoke: authority(refuses(503)) },
  { name: 'a login page answers', ...away, provoke: authority(faults.loginPage) },
  { name: 'silence after the directory', ...away, provoke: authority(faults.silence, '/account') },
  {
    name: 'too many registrations',
    ...up,
    provoke: authority(
      problem(
        429,
        'rateLimited',
        'too many new registrations (10) from this IP address in the last 3h0m0s, retry after 2026-11-29 12:00:00 UTC: see https://letsencrypt.org/docs/rate-limits/#new-registrations-per-ip-address',
        { 'retry-after': '10800' },
      ),
      '/account',
    ),
  },
  {
    name: 'an address that it does not accept',
    ...up,
    provoke: authority(
      problem(400, 'invalidContact', 'contact email has invalid domain: example.com'),
      '/account',
    ),
  },
];

provokeAll(import.meta.url, 'authority', table);
