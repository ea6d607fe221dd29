import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parseDocument } from 'yaml';
import type { BanList } from '../../agent/bans/ban-commands.ts';
import type { Ban } from '../../core/bans/ban.ts';
import { limits } from '../../core/bans/jail.ts';
import { journalLogging } from '../../core/release/log-tag.ts';
import type { Bundle } from '../../core/release/release.ts';
import { docker, tryDocker } from '../../sandbox/machine/docker.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { startComputer } from '../support/computer.ts';
import { LabServer, openLab } from '../support/lab.ts';

/**
 * Who guesses passwords is kept out, and nobody else: real fail2ban, journald, Docker and nftables. A container writes the
 * lines that Keycloak writes; whether someone is banned is judged by their connections to the reverse proxy.
 */
const guesser = 'haven-sandbox-visitor-guesser';
const bystander = 'haven-sandbox-visitor-bystander';
const guesserIpv6 = '2001:db8:7a:e1::5';
const bystanderIpv6 = '2001:db8:7a:e2::5';
let server: LabServer;
let keycloak: { container: string; pattern: string };
/** IPv4 addresses of both. */
const ipv4: Record<string, string> = {};

before(async () => {
  const lab = await openLab(['ledger', 'reverse-proxy']);
  keycloak = lab.catalogue.get('keycloak')!.definition.failedLogins![0]!;
  server = await LabServer.create(lab, 'layer-bans', 24);
  // It listens on 443 for names with a certificate only.
  await server.makeCertificate('ledger.cloud.example');
  assert.equal((await server.apply(server.bundle('reverse-proxy'))).outcome, 'committed');
  for (const [name, ipv6] of [
    [guesser, guesserIpv6],
    [bystander, bystanderIpv6],
  ] as const) {
    await startComputer(name, { ipv6 });
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    ipv4[name] = (await docker(['inspect', '-f', format, name])).stdout.trim();
  }
});

after(async () => {
  for (const name of [guesser, bystander]) await tryDocker(['rm', '-f', name]);
  await server?.remove();
});

/** The ledger as a service in whose log Keycloak's lines mean failed logins, and with one more option to change. */
function ledger({ counts = true, option = '' } = {}): Bundle {
  const bundle = structuredClone(server.bundle('ledger'));
  bundle.release.variables.TEST = option;
  if (!counts) return bundle;
  bundle.release.failedLogins = [{ ...keycloak, container: 'app' }];
  const compose = parseDocument(bundle.files['compose.yaml']!);
  compose.setIn(['services', 'app', 'logging'], compose.createNode(journalLogging('ledger', 'app')));
  bundle.files['compose.yaml'] = compose.toString({ lineWidth: 0 });
  return bundle;
}

const line = (address: string, name = 'ada'): string =>
  `2026-11-29 09:15:02,123 WARN  [org.keycloak.events] (executor-thread-12) type="LOGIN_ERROR", realmId="8a6e", realmName="haven", clientId="account-console", userId="null", ipAddress="${address}", error="user_not_found", username="${name}"`;

/** The ledger's program writes to its log, as often as is needed for a ban. */
async function log(text: string, times: number = limits.failures): Promise<void> {
  const script = 'i=0; while [ $i -lt "$1" ]; do printf "%s\\n" "$2"; i=$((i+1)); done > /proc/1/fd/1';
  const into = ['docker', 'exec', 'haven-ledger-app-1', 'sh', '-c', script, 'log', String(times), text];
  await onMachine(server.id, into);
}

/** What a connection to the reverse proxy over IPv4 or IPv6 ends with, and after how many milliseconds. */
async function connect(from: string, to: string, port = 443): Promise<{ is: string; ms: number }> {
  const began = performance.now();
  const script = `require('net').connect({host:'${to}',port:${port}},()=>end('open')).on('error',e=>end(e.code)).setTimeout(5000,()=>end('silence'));function end(is){console.log(is);process.exit()}`;
  const { stdout } = await tryDocker(['exec', from, 'node', '-e', script]);
  return { is: stdout.trim(), ms: performance.now() - began };
}
const seenFrom = async (from: string) => ({
  ipv4: (await connect(from, server.ipv4)).is,
  ipv6: (await connect(from, server.ipv6)).is,
});
const open = { ipv4: 'open', ipv6: 'open' };

const bans = async (): Promise<Ban[]> => ((await server.agent(['ban-list'])) as BanList).bans;
const banned = (address: string, isBanned = true) =>
  waitUntil(
    `${address} to be ${isBanned ? '' : 'no longer '}banned`,
    async () => (await bans()).some((ban) => ban.address === address) === isBanned,
    { timeoutMs: 20_000 },
  );
const jails = async (): Promise<string> =>
  (await tryOnMachine(server.id, ['fail2ban-client', 'status'])).stdout;

/** Lines are read in their order: those before are counted once the last one is. */
async function allLinesRead(): Promise<void> {
  await log(line('192.0.2.200'));
  await banned('192.0.2.200');
  await server.agent(['ban-lift', '192.0.2.200']);
}

test('a service without such lines has no jail, and one with them gets it with its release', async () => {
  assert.equal((await server.apply(ledger({ counts: false }))).outcome, 'committed');
  assert.doesNotMatch(await jails(), /haven-ledger/);
  assert.equal((await server.apply(ledger())).outcome, 'committed');
  assert.match(await jails(), /haven-ledger/);
  assert.match(await jails(), /sshd/);
  assert.equal(((await server.agent(['ban-list'])) as BanList).isGuarding, true);
});

test('haven logs still shows the lines of a container that logs to the journal', async () => {
  await log('a line of the ledger', 1);
  const { stdout } = await onMachine(server.id, ['haven-agent', 'logs', 'ledger', '50']);
  assert.match(stdout, /a line of the ledger/);
});

test('an address that guesses is refused at once, over IPv4, and others get in', async () => {
  assert.deepEqual([await seenFrom(guesser), await seenFrom(bystander)], [open, open]);
  await waitUntil('SSH', async () => (await connect(guesser, server.ipv4, 22)).is === 'open');
  await log(line(ipv4[guesser]!), limits.failures - 1);
  await log(line('192.0.2.201'));
  await banned('192.0.2.201');
  assert.deepEqual(await seenFrom(guesser), open, 'one less than too many');
  const began = performance.now();
  await log(line(ipv4[guesser]!), 1);
  await banned(ipv4[guesser]!);
  assert.ok(performance.now() - began < 10_000, 'within seconds');
  assert.deepEqual(await seenFrom(guesser), { ipv4: 'ECONNREFUSED', ipv6: 'open' });
  assert.equal((await connect(guesser, server.ipv4, 80)).is, 'ECONNREFUSED');
  assert.ok((await connect(guesser, server.ipv4)).ms < 4000, 'no silence');
  assert.equal((await connect(guesser, server.ipv4, 22)).is, 'open', 'SSH stays open');
  assert.deepEqual(await seenFrom(bystander), open);
});

test('over IPv6 it is banned with its network, however many addresses it takes', async () => {
  for (let each = 0; each < limits.failures; each += 10)
    await log(line(guesserIpv6.replace(/5$/, (100 + each).toString(16))), 10);
  await banned('2001:db8:7a:e1::/64');
  assert.equal((await seenFrom(guesser)).ipv6, 'ECONNREFUSED');
  assert.deepEqual(await seenFrom(bystander), open);
});

test('a ban outlives what the agent does to the firewall, another release, and a restart of fail2ban', async () => {
  const still = async (when: string) =>
    assert.deepEqual(await seenFrom(guesser), { ipv4: 'ECONNREFUSED', ipv6: 'ECONNREFUSED' }, when);
  await onMachine(server.id, ['haven-agent', 'recover']);
  await still('after maintenance was applied');
  assert.equal((await server.apply(ledger({ option: 'other' }))).outcome, 'committed');
  await still('after another release');
  await onMachine(server.id, ['systemctl', 'restart', 'fail2ban.service']);
  await still('while it starts');
  await waitUntil('the jail', async () => (await jails()).includes('haven-ledger'), { timeoutMs: 20_000 });
  await still('after its restart');
});

test('a ban that is lifted ends at once, and what is known of its lines bans nobody again', async () => {
  const lifted = (await server.agent(['ban-lift', ipv4[guesser]!])) as Ban[];
  assert.deepEqual(
    lifted.map(({ service }) => service),
    ['ledger'],
  );
  await server.agent(['ban-lift', guesserIpv6]);
  assert.deepEqual(await seenFrom(guesser), open);
  assert.deepEqual(await server.agent(['ban-lift', guesserIpv6]), [], 'twice is a success');
  await allLinesRead();
  assert.deepEqual(await seenFrom(guesser), open);
});

test('nobody is banned by a line that another container writes, or by a name that someone types', async () => {
  const victim = ipv4[bystander]!;
  const image = ledger().release.images.IMAGE_APP!;
  const run = [
    'docker',
    'run',
    '--rm',
    '--name',
    'haven-ledger-app-12',
    '--log-driver',
    'journald',
    '--entrypoint',
    'sh',
  ];
  const script = `i=0; while [ $i -lt 60 ]; do printf "%s\\n" "$1"; i=$((i+1)); done`;
  const tag = ['--log-opt', 'tag=haven/calendar/app/64'];
  await onMachine(server.id, [...run, ...tag, image, '-c', script, 'log', line(victim)]);
  await log(line('198.51.100.250', String.raw`x\", ipAddress=\"${victim}\", error=\"user_not_found\"`), 60);
  await log(`the name ${line(victim)}`, 60);
  await log(`${line('127.0.0.1')}`, 60);
  await log(`${line('::1')}`, 60);
  await log(`${line('172.18.0.3')}`, 60);
  await allLinesRead();
  const addresses = (await bans()).map(({ address }) => address);
  assert.deepEqual(
    addresses.filter((each) => each !== '192.0.2.201'),
    ['198.51.100.250'],
  );
  assert.deepEqual(await seenFrom(bystander), open);
});

test('a ban ends on time, also while fail2ban is down', async () => {
  await onMachine(server.id, ['systemctl', 'stop', 'haven-recover.timer']);
  await onMachine(server.id, ['fail2ban-client', 'set', 'haven-ledger', 'banip', ipv4[guesser]!]);
  await banned(ipv4[guesser]!);
  await onMachine(server.id, ['systemctl', 'stop', 'fail2ban.service']);
  assert.equal((await connect(guesser, server.ipv4)).is, 'ECONNREFUSED');
  const element = `inet haven_bans v4-ledger { ${ipv4[guesser]}`;
  await onMachine(server.id, ['nft', `delete element ${element} }; add element ${element} timeout 2s }`]);
  await banned(ipv4[guesser]!, false);
  assert.equal((await connect(guesser, server.ipv4)).is, 'open');
});

test('a deploy succeeds while fail2ban can not be started, and it is told', async () => {
  await onMachine(server.id, ['systemctl', 'mask', '--runtime', '--now', 'fail2ban.service']);
  assert.equal((await server.apply(ledger({ option: 'while it is down' }))).outcome, 'committed');
  assert.equal(((await server.agent(['ban-list'])) as BanList).isGuarding, false);
  await onMachine(server.id, ['systemctl', 'unmask', '--runtime', 'fail2ban.service']);
  await onMachine(server.id, ['haven-agent', 'recover']);
  await waitUntil('fail2ban', async () => ((await server.agent(['ban-list'])) as BanList).isGuarding);
});

test('a release without such lines, and an undo, leave fail2ban and the firewall as they were', async () => {
  await waitUntil(
    'the jail',
    async () =>
      (await tryOnMachine(server.id, ['fail2ban-client', 'status'])).stdout.includes('haven-ledger'),
    { timeoutMs: 20_000 },
  );
  const failing = ledger({ counts: false });
  failing.release.healthChecks = failing.release.healthChecks.map((each) => ({ ...each, path: '/nowhere' }));
  assert.equal((await server.apply(failing)).outcome, 'undone');
  assert.match(await jails(), /haven-ledger/);
  assert.equal((await server.apply(ledger({ counts: false }))).outcome, 'committed');
  assert.doesNotMatch(await jails(), /haven-ledger/);
  const table = (await onMachine(server.id, ['nft', 'list', 'table', 'inet', 'haven_bans'])).stdout;
  assert.doesNotMatch(table, /ledger/);
  const files = await onMachine(server.id, [
    'find',
    '/etc/fail2ban',
    '-name',
    'haven-*.conf',
    '-printf',
    '%f\n',
  ]);
  assert.equal(files.stdout, 'haven-ban.conf\n');
});
