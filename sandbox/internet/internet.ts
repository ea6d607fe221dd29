import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../system/wait-until.ts';
import type { Zone } from '../emulators/cloudflare/state.ts';
import { sandboxDir, webRootsFile } from '../host/paths.ts';
import { docker, tryDocker } from '../machine/docker.ts';
import { giveIpv6, network } from '../machine/network.ts';
import { addressesOf } from './addresses.ts';
import { fileName, knotConf, pebbleConf, startScript, unboundConf } from './config-files.ts';
import type { InternetFaults } from './fault-order.ts';
import { sshdConfig } from './storage/box.ts';
import { authorityIpv4, zoneFiles } from './zones.ts';

/**
 * The outside internet in one container: Knot DNS with every zone from the root down, unbound as everybody's resolver,
 * Pebble as the certificate authority, OpenSSH as a Storage Box, and the addresses of registries, object storage and Debian's
 * archive, which the process behind the sandbox serves. Its files are in the sandbox's folder on this machine.
 */
export const internetContainer = 'haven-sandbox-internet';
const folder = join(sandboxDir, 'internet');
const zonesFolder = join(folder, 'zones');

let serial = Math.floor(Date.now() / 1000);

/** Writes all zones and makes the name server read them; not to be called again before it has ended. */
export async function publishZones(
  customers: Zone[],
  pointers: Record<string, string>,
  faults: InternetFaults = {},
): Promise<void> {
  mkdirSync(zonesFolder, { recursive: true });
  serial += 1;
  const files = zoneFiles(customers, pointers, serial, addressesOf(faults));
  const names = new Set(Object.keys(files).map(fileName));
  for (const old of readdirSync(zonesFolder)) if (!names.has(old)) rmSync(join(zonesFolder, old));
  for (const [zone, text] of Object.entries(files))
    replaceFile(join(zonesFolder, fileName(zone)), `$ORIGIN ${zone}\n${text}\n`);
  replaceFile(join(folder, 'knot.conf'), knotConf(Object.keys(files)));
  if ((await tryDocker(['inspect', internetContainer])).code === 0) {
    const reload = await docker([
      'exec',
      internetContainer,
      'sh',
      '-c',
      'knotc -b reload && knotc -b zone-reload; unbound-control -c /internet/unbound.conf flush_zone . >/dev/null',
    ]);
    if (/error/i.test(reload.stderr)) throw new Error(`Knot refused a zone: ${reload.stderr.trim()}`);
  }
}

/** Knot maps the files that it reads into memory: one that is cut short under it kills it (SIGBUS). */
function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

export async function startInternet(image: string): Promise<void> {
  const wanted = `true ${image}`;
  const state = await tryDocker(['inspect', '-f', '{{.State.Running}} {{.Config.Image}}', internetContainer]);
  if (state.stdout.trim() === wanted) return;
  await tryDocker(['rm', '-f', '-v', internetContainer]);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'knot.conf'))) await publishZones([], {});
  writeFileSync(
    join(folder, 'root.hints'),
    `. 3600 IN NS ns.sandbox.test.\nns.sandbox.test. 3600 IN A ${authorityIpv4}\n`,
  );
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
