import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../system/wait-until.ts';
import type { Zone } from '../emulators/cloudflare/state.ts';
import { dnsRootFolder, sandboxDir, webRootsFile } from '../host/paths.ts';
import { docker, tryDocker } from '../machine/docker.ts';
import { giveIpv6, network } from '../machine/network.ts';
import type { Domain } from '../registrar/registrar.ts';
import { addressesOf } from './addresses.ts';
import {
  fileName,
  importKeys,
  keyFileName,
  knotConf,
  pebbleConf,
  startScript,
  unboundConf,
} from './config-files.ts';
import type { InternetFaults } from './fault-order.ts';
import { mailHost } from './foreign-mail/names.ts';
import { foreignMailKeys } from './foreign-mail/server.ts';
import { type ForeignMailOrder, foreignMailRecords } from './foreign-mail/zone.ts';
import { loadOwnKeys } from './own-keys.ts';
import { rootAnchor, signedZones } from './signed-zones.ts';
import { sshdConfig } from './storage/box.ts';
import { authorityIpv4, foreignMailZone, ownSignedZones, zoneFiles } from './zones.ts';

/**
 * The outside internet in one container: Knot DNS with every zone from the root down, unbound as everybody's resolver,
 * Pebble as the certificate authority, OpenSSH as a Storage Box, and the addresses of registries, object storage and Debian's
 * archive, which the process behind the sandbox serves. Its files are in the sandbox's folder on this machine.
 */
export const internetContainer = 'haven-sandbox-internet';
const configurationLabel = 'openhaven.configuration';
const folder = join(sandboxDir, 'internet');
const zonesFolder = join(folder, 'zones');
/** Keys of our own zones, kept also while a zone is not published. */
const ownKeysFolder = join(folder, 'own-keys');
/** Keys of all zones that are signed, for the name server. */
const keysFolder = join(folder, 'keys');

let serial = Math.floor(Date.now() / 1000);

/** What the name servers answer with. */
export interface Published {
  /** The zones at the sandbox Cloudflare. */
  customers: Zone[];
  /** What the registry says of each domain, by name. */
  domains: Record<string, Domain>;
  /** The names that addresses point back to. */
  pointers: Record<string, string>;
  faults: InternetFaults;
  /** The foreign mail server, once it was asked for. */
  foreignMail?: ForeignMailOrder;
}

const foreignMailPointers = { [network.mailIpv4]: mailHost, [network.mailIpv6]: mailHost };

/** Writes all zones and makes the name server read them; not to be called again before it has ended. */
export async function publishZones({
  customers,
  domains,
  pointers,
  faults,
  foreignMail,
}: Published): Promise<void> {
  for (const each of [zonesFolder, keysFolder, dnsRootFolder]) mkdirSync(each, { recursive: true });
  serial += 1;
  const ownKeys = loadOwnKeys(ownKeysFolder, [...ownSignedZones, ...(foreignMail ? [foreignMailZone] : [])]);
  const files = zoneFiles({
    customers,
    domains,
    pointers: foreignMail ? { ...pointers, ...foreignMailPointers } : pointers,
    names: addressesOf(faults),
    ...(foreignMail ? { foreignMail: foreignMailRecords(foreignMailKeys(), foreignMail) } : {}),
    ownKeys,
    serial,
  });
  const signed = signedZones(ownKeys, customers);
  keepOnly(zonesFolder, Object.keys(files).map(fileName));
  keepOnly(keysFolder, Object.keys(signed).map(keyFileName));
  for (const [zone, text] of Object.entries(files))
    replaceFile(join(zonesFolder, fileName(zone)), `$ORIGIN ${zone}\n${text}\n`);
  for (const [zone, { privateKey }] of Object.entries(signed))
    replaceFile(join(keysFolder, keyFileName(zone)), privateKey, 0o600);
  replaceFile(join(dnsRootFolder, 'root.key'), rootAnchor(ownKeys));
  replaceFile(
    join(dnsRootFolder, 'root.hints'),
    `. 3600 IN NS ns.sandbox.test.\nns.sandbox.test. 3600 IN A ${authorityIpv4}\n`,
  );
  replaceFile(join(folder, 'import-keys'), importKeys);
  replaceFile(join(folder, 'knot.conf'), knotConf(Object.keys(files), signed));
  if ((await tryDocker(['inspect', internetContainer])).code === 0) await readZones();
}

/**
 * Makes the name server read the files, and the resolver forget what it knows. Only `zone-reload` waits for the zones and
 * drops signatures of a zone that is no longer signed.
 */
async function readZones(): Promise<void> {
  const script =
    'bash /internet/import-keys && knotc -b reload && knotc -b zone-reload; code=$?; ' +
    'unbound-control -c /internet/unbound.conf flush_zone . >/dev/null && exit $code';
  const reload = await docker(['exec', internetContainer, 'bash', '-c', script]);
  if (/error/i.test(reload.stderr)) throw new Error(`Knot refused a zone: ${reload.stderr.trim()}`);
}

/** Deletes the other files of a folder: those of zones that no longer exist. */
function keepOnly(of: string, names: string[]): void {
  for (const old of readdirSync(of)) if (!names.includes(old)) rmSync(join(of, old));
}

/** Knot maps the files that it reads into memory: one that is cut short under it kills it (SIGBUS). */
function replaceFile(file: string, text: string, mode = 0o644): void {
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}

export async function startInternet(image: string): Promise<void> {
  // Its programs read their configuration once: one of an earlier version of OpenHaven is started again.
  const configuration = createHash('sha256')
    .update([unboundConf, pebbleConf, sshdConfig, startScript].join('\0'))
    .digest('hex');
  const shown = `{{.State.Running}} {{.Config.Image}} {{index .Config.Labels "${configurationLabel}"}}`;
  const state = await tryDocker(['inspect', '-f', shown, internetContainer]);
  if (state.stdout.trim() === `true ${image} ${configuration}`) return;
  await tryDocker(['rm', '-f', '-v', internetContainer]);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'import-keys')))
    await publishZones({ customers: [], domains: {}, pointers: {}, faults: {} });
  writeFileSync(join(folder, 'unbound.conf'), unboundConf);
  writeFileSync(join(folder, 'pebble.json'), pebbleConf);
  writeFileSync(join(folder, 'sshd_config'), sshdConfig);
  writeFileSync(join(folder, 'start'), startScript, { mode: 0o755 });
  await docker([
    ...[
      'create',
      '--name',
      internetContainer,
      '--label',
      'openhaven.sandbox=internet',
      '--label',
      `${configurationLabel}=${configuration}`,
      '--hostname',
      'internet',
    ],
    ...['--network', network.name, '--ip', network.internetIpv4, '--cap-add', 'NET_ADMIN'],
    ...['--sysctl', 'net.ipv6.conf.all.disable_ipv6=0', '-v', `${folder}:/internet`],
    ...[
      image,
      'bash',
      '-c',
      `ip addr add ${authorityIpv4}/24 dev eth0; echo nameserver ${network.internetIpv4} > /etc/resolv.conf; exec /internet/start`,
    ],
  ]);
  await docker(['start', internetContainer]);
  await giveIpv6(internetContainer, network.internetIpv6);
  await waitUntil('the outside internet (DNS and certificate authority)', async () => {
    const asked = await tryDocker([
      'exec',
      internetContainer,
      'sh',
      '-c',
      `dig +short @${network.internetIpv4} acme.sandbox.test && curl -sk --max-time 2 https://127.0.0.1:14000/dir`,
    ]);
    return asked.stdout.includes(network.hostIpv4) && asked.stdout.includes('newOrder');
  });
  await keepRoot();
}

/** Pebble makes itself a new root each time it starts; what older ones certified stays valid here. */
async function keepRoot(): Promise<void> {
  const asked = await docker(['exec', internetContainer, 'curl', '-sk', 'https://127.0.0.1:15000/roots/0']);
  const known = existsSync(webRootsFile) ? readFileSync(webRootsFile, 'utf8') : '';
  if (!known.includes(asked.stdout.trim())) writeFileSync(webRootsFile, known + asked.stdout);
}

/** A question to the sandbox's resolver, as dig(1) answers it. */
export async function dig(...question: string[]): Promise<string> {
  return (
    await docker(['exec', internetContainer, 'dig', '+short', `@${network.internetIpv4}`, ...question])
  ).stdout.trim();
}
