import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ds, dsOf, generateZoneKey } from '../../sandbox/dnssec/zone-key.ts';
import {
  type CloudflareEmulator,
  listenCloudflareEmulator,
} from '../../sandbox/emulators/cloudflare/listen.ts';
import { ensureInternetImage } from '../../sandbox/images/images.ts';
import {
  fileName,
  importKeys,
  keyFileName,
  knotConf,
  unboundConf,
} from '../../sandbox/internet/config-files.ts';
import { rootAnchor, signedZones } from '../../sandbox/internet/signed-zones.ts';
import { authorityIpv4, ownSignedZones, zoneFiles } from '../../sandbox/internet/zones.ts';
import { docker, tryDocker } from '../../sandbox/machine/docker.ts';
import { network } from '../../sandbox/machine/network.ts';
import { allDomains, type Domain } from '../../sandbox/registrar/registrar.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { askApi } from './api-client.ts';
import { scratch } from './scratch.ts';

/** Where the computers of this internet are: addresses for tests of networks (RFC 2544 §C.2.2), on a network of their own. */
export const place = {
  network: 'haven-signed-names',
  subnet: '198.18.25.0/24',
  resolver: '198.18.25.2',
  visitor: '198.18.25.3',
  server: '198.18.25.4',
} as const;

const container = 'haven-signed-names-internet';
const label = ['--label', 'openhaven.test=signed-names'];

/**
 * Names from the root down, signed, for tests that need nothing else of the internet: Knot and unbound as in the sandbox's
 * internet, in a container of its own, which starts in seconds and does not meet the sandbox. Zones are at an emulator of
 * Cloudflare in this process, and DS records wherever a test says.
 */
export class SignedNames {
  readonly cloudflare: CloudflareEmulator;
  readonly #folder: string;
  readonly #ownKeys: Record<string, string>;
  readonly #registrar: Record<string, Domain>;
  /** Names that addresses point back to. */
  readonly #pointers: Record<string, string> = {};
  #serial = Math.floor(Date.now() / 1000);
  #isRunning = false;

  private constructor(cloudflare: CloudflareEmulator, folder: string, registrar: Record<string, Domain>) {
    this.cloudflare = cloudflare;
    this.#folder = folder;
    this.#registrar = registrar;
    this.#ownKeys = Object.fromEntries(ownSignedZones.map((zone) => [zone, generateZoneKey()]));
  }

  static async start(): Promise<SignedNames> {
    const registrar: Record<string, Domain> = {};
    let names: SignedNames | undefined;
    const cloudflare = await listenCloudflareEmulator({
      publish: async () => names?.publish(),
      parentDs: (zone) => registrar[zone]?.ds ?? [],
    });
    names = new SignedNames(cloudflare, scratch('signed-names'), registrar);
    await names.#run();
    return names;
  }

  async #run(): Promise<void> {
    const { reference } = await ensureInternetImage();
    await this.publish();
    await this.close({ cloudflare: false });
    await docker(['network', 'create', '--driver', 'bridge', '--subnet', place.subnet, place.network]);
    await docker([
      ...['run', '-d', '--name', container, ...label, '--network', place.network, '--ip', place.resolver],
      ...['--cap-add', 'NET_ADMIN', '-v', `${this.#folder}:/internet`, reference, 'bash', '/internet/start'],
    ]);
    await waitUntil('the name server', async () => {
      const { stdout } = await tryDocker([
        'exec',
        container,
        'dig',
        '+short',
        `@${place.resolver}`,
        '.',
        'SOA',
      ]);
      return stdout.includes('hostmaster');
    });
    this.#isRunning = true;
  }

  /** Writes all zones, and has the name server read them. */
  async publish(): Promise<void> {
    this.#serial += 1;
    const { zones } = this.cloudflare.state;
    const domains = allDomains(zones, this.#registrar);
    const files = zoneFiles({
      ...{ customers: zones, domains, pointers: {}, names: {}, ownKeys: this.#ownKeys },
      serial: this.#serial,
    });
    const pointers = Object.entries(this.#pointers).map(([name, host]) => `${name}. 60 IN PTR ${host}.`);
    files['.'] = [files['.'], ...pointers].join('\n');
    const signed = signedZones(this.#ownKeys, zones);
    const write = (name: string, text: string) => writeFileSync(join(this.#folder, name), text);
    for (const each of ['zones', 'keys', 'dns']) mkdirSync(join(this.#folder, each), { recursive: true });
    for (const [zone, text] of Object.entries(files))
      write(`zones/${fileName(zone)}`, `$ORIGIN ${zone}\n${text}\n`);
    for (const [zone, { privateKey }] of Object.entries(signed))
      write(`keys/${keyFileName(zone)}`, privateKey);
    write('dns/root.key', rootAnchor(this.#ownKeys));
    write('dns/root.hints', `. 3600 IN NS ns.sandbox.test.\nns.sandbox.test. 3600 IN A ${authorityIpv4}\n`);
    write('import-keys', importKeys);
    write('knot.conf', knotConf(Object.keys(files), signed));
    write('unbound.conf', unboundConf.replace(network.internetIpv4, place.resolver));
    write('start', start);
    if (!this.#isRunning) return;
    const reload = await docker(['exec', container, 'bash', '-c', readZones]);
    if (/error/i.test(reload.stderr)) throw new Error(`Knot refused a zone: ${reload.stderr.trim()}`);
  }

  /** Sets the DS records that the zone above a domain has: those of its key, of another key, or none. */
  async setDs(domain: string, which: 'own' | 'other' | 'none'): Promise<void> {
    const own = await this.#sign(domain);
    const ds = { own: [own], other: [{ ...own, digest: '0'.repeat(64) }], none: [] }[which];
    this.#registrar[domain] = { ...allDomains(this.cloudflare.state.zones, {})[domain]!, ds };
    await this.publish();
  }

  async #sign(domain: string): Promise<Ds> {
    const { body } = await this.#ask<{ public_key: string }>(domain, 'PATCH', '/dnssec', {
      status: 'active',
    });
    return dsOf(domain, body.result.public_key);
  }

  /** Asks Cloudflare about a zone: `POST`, `/dns_records`. Answers with the result. */
  async ask<Result>(domain: string, method: string, path: string, body?: object): Promise<Result> {
    return (await this.#ask<Result>(domain, method, path, body)).body.result;
  }

  async #ask<Result>(domain: string, method: string, path: string, body?: object) {
    const zone = this.cloudflare.state.zones.find(({ name }) => name === domain);
    const answer = await askApi<{ result: Result }>(
      this.cloudflare,
      method,
      `/zones/${zone?.id}${path}`,
      body,
    );
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer;
  }

  /** Sets the name that an address points back to, by the name of its PTR record; `undefined`: none. */
  async pointBack(reverse: string, host: string | undefined): Promise<void> {
    if (host === undefined) delete this.#pointers[reverse];
    else this.#pointers[reverse] = host;
    await this.publish();
  }

  /** Runs a program beside the name server, such as dig or delv. */
  async run(...command: string[]): Promise<string> {
    const { stdout, stderr } = await tryDocker(['exec', container, ...command]);
    return `${stdout}${stderr}`;
  }

  async close({ cloudflare = true } = {}): Promise<void> {
    this.#isRunning = false;
    const listed = await docker(['ps', '-aq', '--filter', 'label=openhaven.test=signed-names']);
    const ids = listed.stdout.split('\n').filter(Boolean);
    if (ids.length > 0) await docker(['rm', '-f', '-v', ...ids]);
    await tryDocker(['network', 'rm', place.network]);
    if (cloudflare) await this.cloudflare.close();
  }
}

/** Words of `docker run` for another computer there, which asks the resolver. */
export const computer = (name: string, address: string): string[] => [
  ...['run', '-d', '--name', name, ...label, '--network', place.network, '--ip', address],
];

const readZones =
  'bash /internet/import-keys && knotc -c /internet/knot.conf -b reload && knotc -c /internet/knot.conf -b zone-reload; code=$?; unbound-control -c /internet/unbound.conf flush_zone . > /dev/null && exit $code';

const start = `#!/bin/bash
set -e
ip addr add ${authorityIpv4}/32 dev lo
mkdir -p /run/knot
bash /internet/import-keys
knotd -c /internet/knot.conf &
unbound -d -c /internet/unbound.conf &
wait -n
`;
