import type { Change } from '../../../core/plan/changes.ts';
import { pricing } from '../../../sandbox/emulators/hetzner/resources/catalogue.ts';
import { atHetzner, otherServer } from '../../support/companies.ts';
import { type Cloud, type FailureCase, provokeAll } from '../../support/failure-table.ts';
import { type Fault, faults, hetznerRefuses, refuses } from '../../support/faulty-api.ts';

const server: Change = {
  kind: 'create',
  type: 'hcloud:index/server:Server',
  name: 'a',
  properties: [],
  after: { serverType: 'cx33', image: 'debian-13', location: 'fsn1' },
};
/** A fault at Hetzner's prices; all else works. */
const atPrices = (fault: Fault) => async (cloud: Cloud) => {
  cloud.engine.changes = [server];
  await atHetzner((_, path) => (path.endsWith('/pricing') ? fault : undefined))(cloud);
};
/** Another server in haven.yaml. */
const serverIs = (type: string, location: string) => (cloud: Cloud) => {
  cloud.write('haven.yaml', cloud.read().replace('cx33', type).replace('fsn1', location));
  cloud.engine.changes = [server];
};
/** What Hetzner's plugin says when `up` creates something, and what is at Hetzner then. */
const refusedBy = (error: string) => (cloud: Cloud) => {
  cloud.engine.changes = [server];
  cloud.engine.upErrors = [error, error];
};
const up = 'up --yes --no-backups';

const table: FailureCase[] = [
  { name: 'prices: silence', typed: 'plan', code: 'changes', provoke: atPrices(faults.silence) },
  { name: 'prices: a fault of its own', typed: 'plan', code: 'changes', provoke: atPrices(refuses(500)) },
  { name: 'prices: other JSON', typed: 'plan', code: 'changes', provoke: atPrices(faults.otherJson) },
  {
    name: 'prices: one that is not a number',
    typed: 'plan',
    code: 'changes',
    provoke: atPrices(refuses(200, { pricing: { ...pricing, vat_rate: 'unknown' } })),
  },
  { name: 'a type that is not sold there', typed: 'plan', provoke: serverIs('cpx22', 'nbg1') },
  { name: 'a place where nothing is sold', typed: 'plan', provoke: serverIs('cax11', 'ash') },
  { name: 'a type that does not exist', typed: 'plan', provoke: serverIs('cx32', 'fsn1') },
  {
    name: 'sold out',
    typed: up,
    provoke: async (cloud) => {
      await cloud.hetzner.setFaults({ soldOut: ['cx33'] });
      refusedBy('error during placement: cx33 is not available in fsn1 (resource_unavailable, 4f2c)')(cloud);
    },
  },
  {
    name: 'the limit of servers is reached',
    typed: up,
    provoke: refusedBy('server limit exceeded (resource_limit_exceeded, 1a2b)'),
  },
  {
    name: 'the account is not verified',
    typed: up,
    provoke: refusedBy('your account is not yet verified (forbidden, 1a2b)'),
  },
  {
    name: 'a name that is used',
    typed: up,
    provoke: refusedBy('1 error occurred:\n\t* volume name is already used (uniqueness_error, 1a2b)\n\n'),
  },
  {
    name: 'the plugin finds no name server',
    typed: up,
    provoke: refusedBy(
      'Get "https://api.hetzner.cloud/v1/servers?name=x": dial tcp: lookup api.hetzner.cloud: no such host',
    ),
  },
  {
    name: 'the engine ends without a word',
    typed: 'plan',
    provoke: (cloud) => {
      cloud.engine.errors = [
        'code: -2\n stdout: \n stderr: Command failed with exit code 1: /cache/pulumi preview --refresh --client=127.0.0.1:1',
      ];
    },
  },
  {
    name: 'one name twice',
    typed: 'plan',
    provoke: (cloud) => {
      cloud.engine.errors = [
        "Duplicate resource URN 'urn:pulumi:x::openhaven::cloudflare:index/dnsRecord:DnsRecord::login.example.org A'; try giving it a unique name",
      ];
    },
  },
  {
    name: 'a limit that Hetzner names when it is asked',
    typed: 'status',
    provoke: atHetzner(() => hetznerRefuses(403, 'resource_limit_exceeded', 'limit exceeded')),
  },
  {
    name: 'the token is of another project',
    typed: 'plan',
    provoke: (cloud) => {
      const address = (name: string, id: string) => ({
        type: 'hcloud:index/primaryIp:PrimaryIp',
        name,
        id,
        inputs: {},
        outputs: {},
        isProtected: true,
      });
      cloud.engine.resources = [address('a-ipv4', '1'), address('a-ipv6', '2')];
      cloud.hetzner.state.servers.push(otherServer(7, 'shop'), otherServer(8, 'wiki'));
    },
  },
];

provokeAll(import.meta.url, 'money', table);
