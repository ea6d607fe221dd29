import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceStatus } from '../../cli/health/look-at-services.ts';
import { SecretStore } from '../../cli/project/secret-store.ts';
import { reverseProxy } from '../../core/config/dependencies.ts';
import type { DnsRecord } from '../../sandbox/emulators/cloudflare/state.ts';
import { sandboxDir } from '../../sandbox/host/paths.ts';
import { docker } from '../../sandbox/machine/docker.ts';
import { containerName, killMachine, onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { sandboxEnvironment, sandboxState, setFaults } from '../../sandbox/sandbox.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { lookUp } from '../../system/look-up.ts';
import { projectRoot } from '../../system/project-root.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { lookAtWeb } from '../../system/web-look.ts';
import { pick, randomFrom } from '../support/crashes.ts';
import { firstServer } from '../support/first-server.ts';
import { fromOutside, OutsideWriter, openPorts, startVisitor } from '../support/outside.ts';
import { Owner } from '../support/owner.ts';

/**
 * One whole cloud, lived in: built, changed, broken, rolled back, taken down and built again, by typing commands and
 * looking at it from outside.
 */
const domain = 'club.test';
const foreign: DnsRecord[] = Array.from({ length: 40 }, (_, index) => ({
  id: index.toString(16).padStart(32, 'f'),
  name: index === 0 ? domain : `old-${index}.${domain}`,
  type: index % 3 === 0 ? 'TXT' : index % 3 === 1 ? 'A' : 'MX',
  content:
    index % 3 === 0
      ? `"v=spf1 include:old-${index}.example -all"`
      : index % 3 === 1
        ? `198.51.100.${200 + (index % 50)}`
        : `mail-${index}.example`,
  ttl: 3600,
  proxied: false,
  ...(index % 3 === 2 ? { priority: 10 } : {}),
  comment: index % 5 === 0 ? 'set up by my nephew' : null,
  tags: [],
  settings: {},
  created_on: '2020-01-01T00:00:00Z',
  modified_on: '2020-01-01T00:00:00Z',
}));

let owner: Owner;
let ipv4 = '';
let ipv6 = '';
let machine = '';

before(async () => {
  owner = await Owner.begin(domain, foreign);
});
after(() => owner.forget());

async function foreignRecords(): Promise<DnsRecord[]> {
  const { cloudflare } = await sandboxState();
  return cloudflare.zones[0]!.records.filter((each) => !each.comment?.startsWith('haven '));
}

async function findMachine(): Promise<void> {
  ({ machine, ipv4, ipv6 } = await firstServer());
}

async function containers(): Promise<Record<string, string>> {
  const { stdout } = await onMachine(machine, [
    'docker',
    'ps',
    '--no-trunc',
    '--format',
    '{{.Names}} {{.ID}}',
  ]);
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
}

/** The operation that is open on a service, as the agent's journal says. */
async function openOperation(service: string): Promise<string | undefined> {
  const { stdout } = await onMachine(machine, ['haven-agent', 'read', service]);
  return (JSON.parse(stdout) as { open: string | null }).open ?? undefined;
}

async function powerOn(): Promise<void> {
  const env = sandboxEnvironment();
  const id = machine.replace('server-', '');
  const answer = await fetch(`${env.HCLOUD_ENDPOINT}/servers/${id}/actions/poweron`, {
    method: 'POST',
    headers: { authorization: `Bearer ${env.HCLOUD_TOKEN}` },
  });
  assert.ok(answer.ok, await answer.text());
}

const isDown = async (): Promise<boolean> =>
  (await docker(['inspect', '-f', '{{.State.Running}}', containerName(machine)])).stdout.trim() === 'false';

test('init writes a haven.yaml that a plan can be made of, and the plan changes nothing', async () => {
  await owner.init({ services: ['website', 'ledger'] });
  const plan = await owner.plan();
  assert.equal(plan.code, 2, 'there is something to do');
  assert.ok(plan.lines.every((each) => each.kind === 'create'));
  assert.equal(plan.foreign, 40);
  assert.ok(plan.cost && plan.cost.total > 0);
  const { hetzner } = await sandboxState();
  assert.deepEqual([hetzner.servers, hetzner.volumes, hetzner.primary_ips], [[], [], []]);
  assert.equal((await foreignRecords()).length, 40);
});

test('what the provider refuses is said with what to do about it, and the next up goes on from there', async () => {
  for (const [faults, reason] of [
    [
      { soldOut: ['cx23'], rateLimitNext: 2 },
      /not available in.* Hetzner has no such machine free there now\. Set another/,
    ],
    [{ serverLimit: 0 }, /server limit exceeded.* Your Hetzner account may not have more of these/],
  ] as const) {
    await setFaults(faults);
    const failed = await owner.haven(['up', '--yes']);
    await setFaults({ unverified: false, soldOut: [], rateLimitNext: 0, serverLimit: 10 });
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, reason);
  }
  const { hetzner } = await sandboxState();
  assert.equal(hetzner.servers.length, 0);
});

test('Ctrl-C ends cleanly: what is under way is finished, and the next up goes on', async () => {
  let sent = false;
  const stopped = await owner.haven(['up', '--yes'], {
    onOutput: (text, stop) => {
      if (sent || !text.includes('✔')) return;
      sent = true;
      stop('SIGINT');
    },
  });
  assert.notEqual(stopped.code, 0);
  assert.match(stopped.stderr, /Ending: what is under way is finished/);
  assert.doesNotMatch(stopped.stderr, /Service \S+ created/, 'nothing new was begun');
});

test('up builds it, each thing once', async () => {
  await owner.must(['up', '--yes']);
  await findMachine();
  await startVisitor();
  const { hetzner } = await sandboxState();
  const { servers, volumes, primary_ips, firewalls, ssh_keys } = hetzner;
  assert.deepEqual(
    [servers, volumes, primary_ips, firewalls, ssh_keys].map((each) => each.length),
    [1, 1, 2, 1, 1],
  );
});

const catalogue = () => loadCatalogue([join(projectRoot, 'services'), join(projectRoot, 'test/services')]);

/** The reverse proxy and what this cloud has chosen; services with users are lived with in clouds of their own. */
async function servicesHere() {
  const here = [reverseProxy, 'website', 'ledger'];
  return [...(await catalogue())].filter(([id]) => here.includes(id));
}

/** The contract's: each service that has a route answers through the reverse proxy. */
async function everyRouteAnswers(): Promise<void> {
  const { stdout } = await owner.must(['status', '--json']);
  const seen = JSON.parse(stdout) as ServiceStatus[];
  for (const [id, { definition }] of await servicesHere()) {
    const status = seen.find((each) => each.service === id);
    assert.ok(status?.good, `${id}: ${status?.evidence}`);
    if (definition.needs?.route)
      assert.match(status.evidence, /answers [234]\d\d from .* certificate of Pebble/);
  }
}

test('every service answers through the reverse proxy', everyRouteAnswers);

test('a clock that is an hour wrong is said, with what comes of it', async () => {
  const hourAhead = 'const real = Date.now; Date.now = () => real() + 3_600_000;';
  const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(hourAhead)}` };
  const seen = await owner.haven(['status'], { env });
  assert.equal(seen.code, 1);
  assert.match(seen.stdout, /clock +the server's clock is 60 min behind this machine's/);
});

test("the client's true address reaches the reverse proxy, over IPv4 and IPv6", async () => {
  for (const [address, own] of [
    [ipv4, '198.51.100.3'],
    [`[${ipv6}]`, '2001:db8:7a::3'],
  ] as const) {
    const seen = await fromOutside([
      'curl',
      '-sS',
      '--cacert',
      '/roots.pem',
      '--resolve',
      `ledger.${domain}:443:${address}`,
      `https://ledger.${domain}/seen-from`,
    ]);
    assert.equal(seen.stdout, own);
  }
});

test('a second plan right after it shows no change', async () => {
  assert.equal((await owner.plan()).code, 0);
});

test('one option changed: the plan shows just that, and up touches just that', async () => {
  const earlier = await containers();
  owner.edit('website: {}', 'website: { options: { title: "Hello from the club" } }');
  const plan = await owner.plan();
  assert.deepEqual(
    plan.lines.map((each) => `${each.kind} ${each.what} ${each.name}`),
    ['update Service website'],
  );
  assert.match(plan.lines[0]?.stops ?? '', /website, for about \d+ s/);
  await owner.must(['up', '--yes']);
  const later = await containers();
  assert.notEqual(later['haven-website-web-1'], earlier['haven-website-web-1']);
  for (const name of ['haven-ledger-app-1', 'haven-ledger-db-1', 'haven-reverse-proxy-caddy-1'])
    assert.equal(later[name], earlier[name], name);
  assert.match((await lookAtWeb(`www.${domain}`)).body, /Hello from the club/);
  assert.equal((await owner.plan()).code, 0);
});

const bad: [string, RegExp, (on: boolean) => void][] = [
  [
    'a bad option',
    /bad option: BEHAVIOUR=exit/,
    (on) =>
      on
        ? owner.edit('ledger: {}', 'ledger: { options: { behaviour: exit } }')
        : owner.edit('ledger: { options: { behaviour: exit } }', 'ledger: {}'),
  ],
  [
    'a migration that hangs',
    /did not become healthy in time[\s\S]*migration 2: rewriting/,
    (on) =>
      on
        ? owner.edit('ledger: {}', 'ledger: { options: { behaviour: hang } }')
        : owner.edit('ledger: { options: { behaviour: hang } }', 'ledger: {}'),
  ],
  [
    'a bad image',
    /prepare: The image openhaven\/no-such:\S+ is not on this server and can't be pulled/,
    (on) =>
      on
        ? owner.edit('openhaven/ledger-app', 'openhaven/no-such', 'haven.lock')
        : owner.edit('openhaven/no-such', 'openhaven/ledger-app', 'haven.lock'),
  ],
];

for (const [what, reason, make] of bad) {
  test(`${what}: up says why, the old release serves with its data, nothing acknowledged is lost`, async () => {
    const writer = new OutsideWriter(`ledger.${domain}`, ipv4);
    await waitUntil('the writer to be served', () => writer.acknowledged.length > 20);
    make(true);
    const failed = await owner.haven(['up', '--yes']);
    assert.equal(failed.code, 1);
    assert.match(
      failed.stderr,
      /ledger did not come up, and was taken back\. The release before it serves again, with its data\./,
    );
    assert.match(failed.stderr, reason);
    const served = writer.acknowledged.length;
    await waitUntil('the old release to serve again', () => writer.acknowledged.length > served + 10);
    await writer.stop();
    const rows = await writer.rows();
    assert.deepEqual(
      writer.acknowledged.filter((id) => !rows.has(id)),
      [],
    );
    if (what !== 'a bad image')
      assert.ok((writer.refused[503] ?? 0) > 0, 'during maintenance the reverse proxy said 503');
    make(false);
    if (what === 'a bad option')
      assert.equal((await owner.plan()).code, 0, 'with the old setting there is nothing to do');
  });
}

test('rollback puts the former release back; a plan then shows no change, also after a refresh', async () => {
  await owner.must(['rollback', 'website', '--yes']);
  assert.match((await lookAtWeb(`www.${domain}`)).body, /It works/);
  assert.equal((await owner.plan()).code, 0, 'each plan refreshes, so this one does');
  const history = JSON.parse((await owner.must(['history', 'website', '--json'])).stdout) as {
    outcome: string;
  }[];
  assert.deepEqual(
    history.map((each) => each.outcome),
    ['committed', 'committed', 'committed'],
  );
});

test('a record of ours that was edited behind our back is shown, and mended', async () => {
  const { cloudflare } = await sandboxState();
  const zone = cloudflare.zones[0]!;
  const record = zone.records.find((each) => each.name === `www.${domain}` && each.type === 'A')!;
  const env = sandboxEnvironment();
  const changed = await fetch(`${env.CLOUDFLARE_BASE_URL}zones/${zone.id}/dns_records/${record.id}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${env.CLOUDFLARE_API_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ content: '198.51.100.99' }),
  });
  assert.ok(changed.ok);
  const plan = await owner.plan();
  assert.deepEqual(
    plan.lines.map((each) => `${each.kind} ${each.name}: ${each.detail}`),
    [`update www.${domain} A: 198.51.100.99 → ${ipv4}`],
  );
  await owner.must(['up', '--yes']);
  assert.equal((await owner.plan()).code, 0);
  assert.equal((await lookAtWeb(`www.${domain}`)).status, 200);
});

test('what a rollback holds is released: the next up goes forward again', async () => {
  await owner.must(['rollback', 'website', '--undo']);
  owner.edit('ledger: {}', 'ledger: { options: { version: "2" } }');
  const plan = await owner.plan();
  assert.deepEqual(plan.lines.map((each) => each.name).sort(), ['ledger', 'website']);
});

const planned = [22, 80, 443];
const both = () => Promise.all([openPorts(ipv4), openPorts(ipv6)]);

test('from outside exactly the planned ports answer, over IPv4 and IPv6: at rest and during a deploy', async () => {
  assert.deepEqual(await both(), [planned, planned]);

  const deploy = owner.haven(['up', '--yes']);
  await waitUntil('maintenance to begin', async () => (await openOperation('ledger')) !== undefined);
  const during = await both();
  assert.equal((await deploy).code, 0);
  assert.deepEqual(during, [planned, planned]);
  assert.match((await lookAtWeb(`www.${domain}`)).body, /Hello from the club/);
});

test('a server that does not answer: the plan says since when what is not verified, and never that there is no change', async () => {
  await onMachine(machine, ['systemctl', 'reboot']).catch(() => undefined);
  await waitUntil('the server to go down', isDown);
  const typed = await owner.haven(['plan']);
  assert.equal(typed.code, 1);
  assert.doesNotMatch(typed.stdout, /No change: everything/);
  assert.match(typed.stdout, /Not verified since 20\d\d-[^ ]+: release ledger \(SSH to haven@/);
});

test('after a reboot every service is well again, and exactly the planned ports answer', async () => {
  await powerOn();
  await waitUntil(
    'the website after a reboot',
    async () => (await lookAtWeb(`www.${domain}`)).status === 200,
    { timeoutMs: 60_000 },
  );
  assert.deepEqual(await both(), [planned, planned]);
  const status = await waitUntil(
    'every service to be well again',
    async () => {
      const typed = await owner.haven(['status']);
      return typed.code === 0 ? typed : undefined;
    },
    { timeoutMs: 60_000 },
  );
  assert.match(status.stdout, /answers 200/);
  assert.equal((await owner.plan()).code, 0);
});

test("no secret's value is found anywhere that it has no business", async () => {
  const values = new Map<string, string>();
  process.env.XDG_CONFIG_HOME = owner.environment.XDG_CONFIG_HOME;
  const id = /^id: (.*)$/m.exec(readFileSync(join(owner.directory, 'haven.yaml'), 'utf8'))![1]!;
  const store = await SecretStore.open(owner.directory, id);
  for (const name of store.names()) {
    const value = store.get(name)!;
    // Of a key its private half, one line of it, however it is wrapped.
    const lines = value.split(/\\n|\n/).filter((line) => /^[A-Za-z0-9+/=_-]{30,}$/.test(line));
    values.set(name, lines[lines.length > 2 ? 2 : 0] ?? value);
  }
  const made = await onMachine(machine, [
    'sh',
    '-c',
    'for f in $(find /srv/haven/secrets -type f -name "*.1"); do echo "$f $(cat $f)"; done; for f in /srv/haven/certs/*/key-*.pem; do echo "$f $(sed -n 2p $f)"; done',
  ]);
  for (const line of made.stdout.trim().split('\n')) {
    const [file, value] = line.split(' ') as [string, string];
    values.set(file, value);
  }
  assert.ok(values.size >= 5, `${[...values.keys()]}`);

  const on = async (command: string): Promise<string> =>
    (await onMachine(machine, ['sh', '-c', command])).stdout;
  const plan = await owner.haven(['plan']);
  const journal = await owner.haven(['history', '--json']);
  const places: Record<string, string> = {
    'haven plan': plan.stdout + plan.stderr,
    'haven history': journal.stdout,
    'state of the engine': readFolder(join(owner.directory, '.haven')),
    'haven.yaml, haven.lock, before.zone': readFolder(
      owner.directory,
      (path) => !path.includes('.haven/') && !path.endsWith('secrets.age'),
    ),
    'journald on the server': await on('journalctl --no-pager'),
    "cloud-init's logs": await on('cat /var/log/cloud-init*.log'),
    'process list': await on('ps axww -o args'),
    'environments of processes': await on(
      'for p in /proc/[0-9]*; do tr "\\0" "\\n" < $p/environ 2>/dev/null; done; true',
    ),
    'docker inspect': await on('docker inspect $(docker ps -aq)'),
    'logs of containers': await on('for c in $(docker ps -aq); do docker logs $c 2>&1; done'),
    'releases and journals on the volume': await on(
      'cat /srv/haven/journal/* ; find /srv/haven/services -path "*/releases/*" -type f -exec cat {} +',
    ),
    'copies of the state on the server': await on('for f in /srv/haven/state/*; do base64 -d $f; done'),
    'what the agent is run with': await on('cat /etc/systemd/system/haven* /etc/docker/daemon.json'),
    'log of the sandbox': readFileSync(join(sandboxDir, 'daemon.log'), 'utf8'),
    'environment of local processes': localEnvironments(),
  };
  for (const [place, text] of Object.entries(places)) {
    assert.ok(text.length > 0, `${place} was really read`);
    for (const [name, value] of values) assert.ok(!text.includes(value), `${name} was found in: ${place}`);
  }
  // The search itself is seen to find: the one place where each may be.
  assert.ok(
    (await on('cat /srv/haven/secrets/ledger/db-password.1')).includes(
      values.get('/srv/haven/secrets/ledger/db-password.1')!,
    ),
  );
});

function readFolder(folder: string, wanted: (path: string) => boolean = () => true): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && wanted(join(entry.parentPath, entry.name)))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

function localEnvironments(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/environ`, 'latin1') + readFileSync(`/proc/${pid}/cmdline`, 'latin1')
        );
      } catch {
        // A process that has ended meanwhile has nothing to show.
        return '';
      }
    })
    .join('\n');
}

test('a directory whose state is lost has it again from the server', async () => {
  for (const name of ['state', 'state-copy'])
    rmSync(join(owner.directory, '.haven', name), { recursive: true });
  const plan = await owner.haven(['plan']);
  assert.match(plan.stdout, /The state of this cloud was taken from its server/);
  assert.match(plan.stdout, /No change: everything/);
  assert.equal(plan.code, 0);
});

test('a key is rolled: the next one was known before it is used, and only its forerunner makes way; one deploy at a time', async () => {
  const host = `www.${domain}`;
  const shown = async () => (await lookUp(`_443._tcp.${host}`, 'TLSA')).sort();
  const before = await shown();
  assert.equal(before.length, 2);
  const first = (await lookAtWeb(host)).spkiSha256;
  assert.ok(before.includes(`3 1 1 ${first}`));
  await owner.must(['certificate', 'roll', host]);

  const take = ['haven-agent', 'deploy-lock-take', 'another-run', 'ben@desk'];
  const older = await tryOnMachine(machine, [...take, '0']);
  assert.match(older.stderr, /speaks protocol 1, this haven 0\. Type: npm install/);
  await onMachine(machine, [...take, '1']);
  const refused = await owner.haven(['up', '--yes']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /ben@desk is changing this server\. Wait for the end of that/);
  await onMachine(machine, ['haven-agent', 'deploy-lock-release', 'another-run']);

  const plan = await owner.plan();
  assert.deepEqual(plan.lines.map((each) => `${each.kind} ${each.what} ${each.name}`).sort(), [
    `update Certificate ${host}`,
    `update DNS _443._tcp.${host} TLSA`,
  ]);
  await owner.must(['up', '--yes']);
  const second = (await lookAtWeb(host)).spkiSha256;
  assert.notEqual(second, first);
  assert.ok(before.includes(`3 1 1 ${second}`), 'the DNS showed it before it was used');
  await waitUntil('the DNS to show the key after it', async () => {
    const now = await shown();
    return now.length === 2 && now.includes(`3 1 1 ${second}`) && !now.includes(`3 1 1 ${first}`);
  });
  assert.equal((await owner.plan()).code, 0);
});

const seed = Number(process.env.HAVEN_SEED ?? Date.now() % 100_000);
const random = randomFrom(seed);
const faults = ['agent', 'Docker', 'machine'] as const;
let version = 10;
for (const victim of process.env.HAVEN_CRASH_TESTS === 'all' ? faults : pick(faults, 1, random)) {
  test(`the ${victim} is killed while up applies a release: old or new serves, with all rows, and the next up goes on`, async () => {
    const writer = new OutsideWriter(`ledger.${domain}`, ipv4);
    await waitUntil('the writer to be served', () => writer.acknowledged.length > 20);
    const options = /^ {2}ledger: .*\n/m.exec(readFileSync(join(owner.directory, 'haven.yaml'), 'utf8'))![0];
    owner.edit(options, `  ledger: { options: { version: "${++version}" } }\n`);
    const deploy = owner.haven(['up', '--yes']);
    await waitUntil('the operation to be open', async () => (await openOperation('ledger')) !== undefined);
    const pause = Math.floor(random() * 4000);
    await sleep(pause);
    console.log(`${victim} killed ${pause} ms into the operation (HAVEN_SEED=${seed} repeats it)`);
    if (victim === 'machine') {
      await killMachine(machine);
      await powerOn();
    } else {
      const kill =
        victim === 'Docker'
          ? 'pkill -KILL -x dockerd; pkill -KILL -x containerd'
          : 'systemctl kill --signal=KILL haven-op-ledger';
      await onMachine(machine, ['sh', '-c', `${kill}; true`]);
    }
    await deploy;
    const served = writer.acknowledged.length;
    await waitUntil('old or new to serve', () => writer.acknowledged.length > served + 10, {
      timeoutMs: 90_000,
    });
    await owner.must(['up', '--yes']);
    await writer.stop();
    const rows = await writer.rows();
    assert.deepEqual(
      writer.acknowledged.filter((id) => !rows.has(id)),
      [],
    );
    assert.equal(await openOperation('ledger'), undefined, 'the operation is finished');
    assert.equal((await owner.plan()).code, 0);
  });
}

test('the link breaks while up applies a release: it is joined again, and up ends as it should', async () => {
  const options = /^ {2}ledger: .*\n/m.exec(readFileSync(join(owner.directory, 'haven.yaml'), 'utf8'))![0];
  owner.edit(options, `  ledger: { options: { version: "${++version}" } }\n`);
  const deploy = owner.haven(['up', '--yes']);
  await waitUntil('the operation to be open', async () => (await openOperation('ledger')) !== undefined);
  await onMachine(machine, ['pkill', '-KILL', '-f', 'sshd(-session)?: haven@']);
  const done = await deploy;
  assert.equal(done.code, 0, done.stdout + done.stderr);
  assert.match(done.stdout, /Done: 1 changed/);
  assert.equal((await owner.plan()).code, 0);
});

test('every service is taken out: each leaves its data and nothing else; put back, they are there again', async () => {
  const writer = new OutsideWriter(`ledger.${domain}`, ipv4);
  await waitUntil('some rows', () => writer.acknowledged.length > 20);
  await writer.stop();
  const services = (await servicesHere())
    .map(([, entry]) => entry)
    .filter((each) => each.definition.id !== reverseProxy);
  const lines = services.map(
    ({ definition: { id } }) =>
      new RegExp(`^ {2}${id}: .*\\n`, 'm').exec(
        readFileSync(join(owner.directory, 'haven.yaml'), 'utf8'),
      )![0],
  );
  for (const line of lines) owner.edit(line, '');
  owner.edit('services:\n', 'services: {}\n');
  const plan = await owner.plan();
  assert.ok(plan.lines.every((each) => each.kind === 'delete'));
  for (const each of plan.lines.filter(({ what }) => what === 'Service'))
    assert.equal(each.data, 'stays on the volume');
  await owner.must(['up', '--yes']);
  const on = async (command: string) => (await onMachine(machine, ['sh', '-c', command])).stdout.trim();
  const { cloudflare } = await sandboxState();
  for (const { definition } of services) {
    const { id, data = {}, needs } = definition;
    const names = Object.keys(await containers()).filter((name) => name.startsWith(`haven-${id}-`));
    assert.deepEqual(names, [], id);
    assert.equal(await on(`docker network ls --format "{{.Name}}" | grep -c "haven-${id}" || true`), '0');
    assert.equal(await on(`ls /srv/haven/reverse-proxy/routes | grep -c "^${id}" || true`), '0');
    const kept = [...Object.keys(data), ...(needs?.database ? ['db'] : [])].sort().join('\n');
    assert.equal(await on(`ls /srv/haven/services/${id}/data 2>/dev/null || true`), kept, id);
    const host = `${needs?.route?.subdomain}.${domain}`;
    assert.equal(await on(`ls /srv/haven/certs | grep -c "^${host}$" || true`), '0');
    const named = cloudflare.zones[0]!.records.filter((each) => each.name.endsWith(host));
    assert.deepEqual(named, [], id);
  }
  assert.equal((await owner.plan()).code, 0);

  owner.edit('services: {}\n', `services:\n${lines.join('')}`);
  await owner.must(['up', '--yes']);
  await everyRouteAnswers();
  const rows = await writer.rows();
  assert.deepEqual(
    writer.acknowledged.filter((id) => !rows.has(id)),
    [],
  );
});

test("destroy keeps data, addresses and what isn't ours; up with the kept volume has the data again", async () => {
  const writer = new OutsideWriter(`ledger.${domain}`, ipv4);
  await waitUntil('some rows', () => writer.acknowledged.length > 50);
  await writer.stop();

  const refused = await owner.haven(['destroy', '--confirm', 'other.test']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /Nothing was changed/);
  await owner.must(['destroy', '--confirm', domain]);
  const gone = await sandboxState();
  assert.deepEqual(
    [gone.hetzner.servers.length, gone.hetzner.firewalls.length, gone.hetzner.ssh_keys.length],
    [0, 0, 0],
  );
  assert.deepEqual([gone.hetzner.volumes.length, gone.hetzner.primary_ips.length], [1, 2]);
  assert.deepEqual(await foreignRecords(), foreign, 'the forty records are what they were, byte by byte');
  assert.equal(gone.cloudflare.zones[0]!.records.length, 40, 'and none of ours is left');

  await owner.must(['up', '--yes']);
  await findMachine();
  const kept = await writer.rows();
  assert.deepEqual(
    writer.acknowledged.filter((id) => !kept.has(id)),
    [],
  );
  assert.deepEqual(await foreignRecords(), foreign);
  assert.equal((await owner.plan()).code, 0);

  await owner.must(['destroy', '--with-data', '--confirm', domain]);
  const all = await sandboxState();
  assert.deepEqual([all.hetzner.servers, all.hetzner.volumes, all.hetzner.primary_ips], [[], [], []]);
  assert.ok(existsSync(join(owner.directory, 'before.zone', `${domain}.zone`)));
});
