import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Entry } from '../../core/operations/entries.ts';
import type { Problem } from '../../core/problem.ts';
import { sandboxState, setFaults } from '../../sandbox/control.ts';
import type { DnsRecord } from '../../sandbox/emulators/cloudflare/state.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { lookAtWeb } from '../../system/web-look.ts';
import { openBrowser } from '../support/browser.ts';
import { firstServer } from '../support/first-server.ts';
import { acceptInvitation, logIn } from '../support/login-pages.ts';
import { OutsideWriter, startVisitor } from '../support/outside.ts';
import { Owner } from '../support/owner.ts';
import { readableByOthers, secretValues } from '../support/secrets-hunt.ts';

/**
 * The life of one cloud, from its first plan to its end: built, used, changed, broken, rolled back, searched for
 * secrets, taken down, built again on the data it left. What is proved here is proved nowhere else.
 */
const domain = 'club.test';
/** The service by which a first login is tried, and the pages where its login begins and ends. */
const loginService = {
  id: 'miniflux',
  host: `news.${domain}`,
  begin: '/oauth2/oidc/redirect',
  end: '/unread',
};
const password = 'Correct-horse-battery-7';

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
let machine = '';
let ipv4 = '';

before(async () => {
  owner = await Owner.begin(domain, foreign);
});
after(() => owner?.forget());

async function foreignRecords(): Promise<DnsRecord[]> {
  const { cloudflare } = await sandboxState();
  return cloudflare.zones[0]!.records.filter((each) => !each.comment?.startsWith('haven '));
}

async function counts(): Promise<Record<string, number>> {
  const { servers, volumes, primary_ips, firewalls, ssh_keys } = (await sandboxState()).hetzner;
  return {
    servers: servers.length,
    volumes: volumes.length,
    addresses: primary_ips.length,
    firewalls: firewalls.length,
    keys: ssh_keys.length,
  };
}

async function containers(): Promise<Record<string, string>> {
  const { stdout } = await onMachine(machine, [
    ...['docker', 'ps', '--no-trunc', '--format', '{{.Names}} {{.ID}}'],
  ]);
  const lines = stdout.trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(' ') as [string, string]));
}

const changes = (plan: { lines: { kind: string; what: string; name: string }[] }): string[] =>
  plan.lines.map((each) => `${each.kind} ${each.what} ${each.name}`);

test('init writes a haven.yaml that a plan can be made of, and the plan changes nothing', async () => {
  await owner.init({ services: ['website', 'ledger', loginService.id] });
  owner.edit('website: {}', 'website:\n    access: users');
  const plan = await owner.plan();
  assert.equal(plan.code, 2, 'there is something to do');
  assert.ok(plan.lines.every((each) => each.kind === 'create'));
  assert.equal(plan.foreign, 40);
  assert.ok(plan.cost && plan.cost.gross > 0);
  assert.deepEqual(await counts(), { servers: 0, volumes: 0, addresses: 0, firewalls: 0, keys: 0 });
  assert.deepEqual(await foreignRecords(), foreign);
});

test('what the provider refuses is a problem with a remedy', async () => {
  for (const [faults, reason] of [
    [{ soldOut: ['cx23'], rateLimitNext: 2 }, /not available/],
    [{ serverLimit: 0 }, /server limit exceeded/],
  ] as const) {
    await setFaults(faults);
    const problems: Problem[] = await owner.problems(['up', '--yes']);
    await setFaults({ unverified: false, soldOut: [], rateLimitNext: 0, serverLimit: 10 });
    const refused = problems.find((each) => reason.test(each.what));
    assert.ok(refused?.remedy, JSON.stringify(problems));
  }
  assert.equal((await counts()).servers, 0);
});

test('the next up goes on from there and builds everything once; a plan then shows no change', async () => {
  await owner.must(['up', '--yes']);
  ({ machine, ipv4 } = await firstServer());
  await startVisitor();
  assert.deepEqual(await counts(), { servers: 1, volumes: 1, addresses: 2, firewalls: 1, keys: 1 });
  assert.equal((await owner.haven(['status', '--logins'])).code, 0, 'every service answers');
  assert.equal((await owner.plan()).code, 0);
});

test('services that can do without the login for now have started beside it', async () => {
  const startOf = async (service: string, entry: 'do' | 'did') => {
    const { stdout } = await onMachine(machine, ['haven-agent', 'history', service]);
    const found = (JSON.parse(stdout) as Entry[]).find(
      (each) => each.entry === entry && each.step === 'start',
    );
    assert.ok(found, service);
    return found.at;
  };
  const login = await startOf('keycloak', 'did');
  for (const service of [loginService.id, 'portal', 'website'])
    assert.ok((await startOf(service, 'do')) < login, service);
});

test('a first user chooses a password in a real browser, and that one login opens everything', async () => {
  const typed = ['user', 'add', 'ada', '--given-name', 'Ada', '--surname', 'Lovelace'];
  const { invitation } = await owner.json<{ invitation: { link: string } }>(typed);
  const [www, me, login] = ['www', 'me', 'login'].map((each) => `${each}.${domain}`) as [
    string,
    string,
    string,
  ];
  const browser = await openBrowser([www, me, login, loginService.host]);
  try {
    const page = await browser.newPage();
    assert.equal((await page.goto(`http://${www}/`))?.request().redirectedFrom() !== null, true);
    assert.equal(new URL(page.url()).host, login, 'a stranger is led to the login');
    await acceptInvitation(page, invitation.link, password);
    const answer = await page.goto(`https://${www}/`);
    await logIn(page, 'ada', password);
    await page.waitForURL(`https://${www}/`);
    assert.equal(await page.textContent('h1'), 'It works');
    assert.match((await answer?.securityDetails())?.issuer ?? '', /Pebble/);
    for (const [start, end] of [
      [
        `https://${loginService.host}${loginService.begin}`,
        `https://${loginService.host}${loginService.end}`,
      ],
      [`https://${me}/`, `https://${me}/`],
    ] as const) {
      await page.goto(start);
      await page.waitForURL(end);
    }
  } finally {
    await browser.close();
  }
});

test('one option changed: the plan shows just that, and up touches just that', async () => {
  const earlier = await containers();
  owner.edit('access: users', 'access: users\n    options: { title: Hello from the club }');
  const plan = await owner.plan();
  assert.deepEqual(changes(plan), ['update Service website']);
  assert.ok(plan.lines[0]?.stops, 'it says what stops, and for how long');
  await owner.must(['up', '--yes']);
  const later = await containers();
  const touched = Object.keys(later).filter((name) => later[name] !== earlier[name]);
  assert.ok(
    touched.length > 0 && touched.every((name) => name.startsWith('haven-website-')),
    touched.join(', '),
  );
});

test('a change that fails undoes itself: the old release serves with its data, nothing acknowledged is lost', async () => {
  const writer = new OutsideWriter(`ledger.${domain}`, ipv4);
  await waitUntil('the writer to be served', () => writer.acknowledged.length > 20);
  // Its migration spoils the data, then fails.
  owner.edit('ledger: {}', 'ledger: { options: { behaviour: destroy } }');
  const problems = await owner.problems(['up', '--yes']);
  assert.match(problems.map((each) => each.what).join('\n'), /migration 2 failed: column "nonsense"/);
  const served = writer.acknowledged.length;
  await waitUntil('the old release to serve again', () => writer.acknowledged.length > served + 10);
  await writer.stop();
  const rows = await writer.rows();
  assert.deepEqual(
    writer.acknowledged.filter((id) => !rows.has(id)),
    [],
  );
  assert.ok((writer.refused[503] ?? 0) > 0, 'during maintenance the reverse proxy answered 503');
  owner.edit('ledger: { options: { behaviour: destroy } }', 'ledger: {}');
  assert.equal((await owner.plan()).code, 0, 'with the old setting there is nothing to do');
});

test('rollback puts the former release back and holds it; released, the next up goes forward again', async () => {
  await owner.must(['rollback', 'website', '--yes']);
  assert.equal((await owner.plan()).code, 0);
  const history = await owner.json<{ outcome: string }[]>(['history', 'website']);
  assert.deepEqual(
    history.map((each) => each.outcome),
    ['committed', 'committed', 'committed'],
  );
  await owner.must(['rollback', 'website', '--undo']);
  assert.deepEqual(changes(await owner.plan()), ['update Service website']);
});

test("no secret's value is found anywhere that it has no business", async () => {
  const values = await secretValues(owner, machine);
  assert.ok(values.size >= 5, `${[...values.keys()]}`);
  for (const [place, text] of Object.entries(await readableByOthers(owner, machine))) {
    assert.ok(text.length > 0, `${place} was really read`);
    for (const [name, value] of values) assert.ok(!text.includes(value), `${name} was found in: ${place}`);
  }
  // The search itself is seen to find: the one place where each may be.
  const file = '/srv/haven/secrets/ledger/db-password.1';
  assert.ok((await onMachine(machine, ['cat', file])).stdout.includes(values.get(file)!));
});

test("destroy keeps data, addresses and what isn't ours; up with the kept volume has data and users again", async () => {
  const writer = new OutsideWriter(`ledger.${domain}`, ipv4);
  await waitUntil('some rows', () => writer.acknowledged.length > 50);
  await writer.stop();

  assert.equal((await owner.problems(['destroy', '--confirm', 'other.test'])).length, 1);
  assert.equal((await counts()).servers, 1, 'nothing was changed');
  await owner.must(['destroy', '--confirm', domain]);
  assert.deepEqual(await counts(), { servers: 0, volumes: 1, addresses: 2, firewalls: 0, keys: 0 });
  const { cloudflare } = await sandboxState();
  assert.deepEqual(
    cloudflare.zones[0]!.records,
    foreign,
    'the forty records are what they were, and no other',
  );

  await owner.must(['up', '--yes']);
  ({ machine, ipv4 } = await firstServer());
  const kept = await writer.rows();
  assert.deepEqual(
    writer.acknowledged.filter((id) => !kept.has(id)),
    [],
  );
  assert.deepEqual(
    (await owner.json<{ name: string }[]>(['user', 'list'])).map((each) => each.name),
    ['ada'],
  );
  assert.equal((await lookAtWeb(`www.${domain}`)).status, 302);
  assert.equal((await owner.plan()).code, 0);

  await owner.must(['destroy', '--with-data', '--confirm', domain]);
  assert.deepEqual(await counts(), { servers: 0, volumes: 0, addresses: 0, firewalls: 0, keys: 0 });
  assert.ok(existsSync(join(owner.directory, 'before.zone', `${domain}.zone`)));
});
