import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import { bridgeName } from '../../core/release/bridge-name.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { Held } from '../support/held.ts';
import { LabServer, openLab } from '../support/lab.ts';

/**
 * The real Caddy on a server: what visitors get while services are changed, when it could not be told, and when a
 * service's files are damaged. `held` is a neighbour of the service that changes, and holds long requests.
 */
let server: LabServer;
let held: Held;
const host = 'ledger.cloud.example';
const certificates = '/srv/haven/certs';
const mark = '/srv/haven/services/ledger/switched-off';

before(async () => {
  server = await LabServer.create(await openLab(['reverse-proxy', 'ledger']), 'layer-proxy', 27);
  await server.makeCertificate(host);
  for (const service of ['reverse-proxy', 'ledger']) {
    const { outcome, entries } = await server.apply(server.bundle(service));
    assert.equal(outcome, 'committed', JSON.stringify(entries));
  }
  held = await Held.start(server);
});
after(() => server?.remove());

const on = async (script: string): Promise<string> =>
  (await onMachine(server.id, ['sh', '-c', script])).stdout.trim();
const visit = (name = host, format = '%{http_code}'): Promise<string> =>
  on(`curl -sk -o /dev/null -w '${format}' --resolve ${name}:443:127.0.0.1 https://${name}/version || true`);
const inCaddy = (command: string): Promise<string> =>
  on(`docker exec haven-reverse-proxy-caddy-1 ${command}`);
const reloads = async (): Promise<number> =>
  Number(await on(`docker logs haven-reverse-proxy-caddy-1 2>&1 | grep -c '"uri":"/load"'`));
const read = async (service: string): Promise<ServiceState> =>
  (await server.agent(['read', service])) as ServiceState;

test('a service enters and leaves maintenance, and gets new routes, and cuts no long request of its neighbour', async () => {
  const long = held.hold();
  await held.isHolding();
  const before = await reloads();
  await on(`mv ${certificates}/${host} /tmp/; haven-agent recover`);
  assert.equal(await visit(), '000');
  await on(`mv /tmp/${host} ${certificates}/; haven-agent recover`);
  assert.equal(await visit(), '200');
  const withRoutes = await reloads();
  assert.equal(withRoutes, before + 2);

  const codes = new Set<string>();
  const { outcome } = await server.apply(server.bundle('ledger', { version: '2' }), {
    whileRunning: async (op) => {
      do codes.add(await visit());
      while (!(await server.history('ledger')).some((each) => each.entry === 'finished' && each.op === op));
    },
  });
  assert.equal(outcome, 'committed');
  assert.ok(codes.has('503') && [...codes].every((code) => ['200', '503'].includes(code)), [...codes].join());
  assert.equal(await visit(), '200');
  await on(`touch ${mark}; haven-agent recover`);
  assert.equal(await visit(), '503');
  await on(`rm ${mark}; haven-agent recover`);
  assert.equal(await visit(), '200');
  assert.equal(await reloads(), withRoutes);

  await held.end();
  for (const { name, sent, arrived } of await long) assert.equal(arrived, sent, name);
});

test('a folder that Caddy can not read lets nobody in: the change ends before the service is stopped', async () => {
  const folder = '/srv/haven/reverse-proxy/states/maintenance';
  await on(`chmod 700 ${folder}`);
  const { outcome, entries } = await server.apply(server.bundle('ledger', { version: '3' }));
  await on(`chmod 755 ${folder}`);
  assert.equal(outcome, 'undone');
  const failed = entries.find((each) => each.entry === 'failed');
  assert.ok(failed?.entry === 'failed' && failed.step === 'enter-maintenance', JSON.stringify(entries));
  assert.match(failed.why, /ledger should be "maintenance" and is "open"[\s\S]*chmod 755/);
  assert.ok(!entries.some((each) => each.entry === 'do' && each.step === 'stop-old'));
  assert.equal(await visit(), '200');
});

test('routes that Caddy was not told are reported, and told to it later', async () => {
  await on(`mv ${certificates}/${host} /tmp/; haven-agent recover`);
  assert.equal(await visit(), '000');
  await inCaddy('mv /run/caddy/admin.sock /run/caddy/away');
  // Killed between the writing of the routes and the reload that the missing socket holds up.
  const routes = '/srv/haven/reverse-proxy/routes/ledger.caddy';
  const untilWritten = `timeout 60 sh -c 'until grep -q "reverse_proxy 127" ${routes}; do sleep 0.1; done'`;
  await on(
    `mv /tmp/${host} ${certificates}/; haven-agent recover & ${untilWritten}; kill -KILL $!; wait $!; true`,
  );
  assert.match(await on(`cat ${routes}`), /reverse_proxy 127/);
  assert.equal(await visit(), '000');
  const { healthy, problem } = await read('ledger');
  assert.equal(healthy, false);
  assert.match(problem ?? '', /reverse proxy has not loaded its routes yet/);

  await inCaddy('mv /run/caddy/away /run/caddy/admin.sock');
  await on('haven-agent recover');
  assert.equal(await visit(), '200');
  assert.deepEqual((await read('ledger')).problem, null);
  assert.equal((await read('ledger')).healthy, true);
});

test('a configuration that Caddy refuses is reported at once, in its words, and holds up no other service', async () => {
  const file = `${certificates}/${held.host}/tls.pem`;
  await on(`cp ${file} /tmp/; echo damaged > ${file}`);
  const began = Date.now();
  const refused = await tryOnMachine(server.id, ['haven-agent', 'recover']);
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /Caddy refuses this configuration, and serves the one from before: /);
  assert.ok(Date.now() - began < 30_000);
  const { outcome, entries } = await server.apply(server.bundle('ledger', { version: '4' }));
  assert.equal(outcome, 'committed', JSON.stringify(entries));
  assert.equal(await visit(), '200');
  await on(`cp /tmp/tls.pem ${file}; haven-agent recover`);
  assert.equal(await visit(held.host), '200');
});

test('a damaged journal keeps its own service in maintenance, and no other', async () => {
  const journal = '/srv/haven/journal/ledger.jsonl';
  await on(`cp ${journal} /tmp/journal && sed -i '1s/^./x/' ${journal}`);
  await on('haven-agent maintenance');
  const recovered = await tryOnMachine(server.id, ['haven-agent', 'recover']);
  assert.match(recovered.stderr, /ledger\.jsonl: entry 1 is damaged[\s\S]*Run on the server, as root: mv/);
  assert.equal(await visit(), '503');
  assert.equal(await visit(held.host), '200');
  assert.match(await on('nft list table inet haven_trial'), new RegExp(bridgeName('ledger')));
  const states = (await server.agent(['list'])) as ServiceState[];
  assert.deepEqual(
    states
      .filter(({ service }) => service !== 'held')
      .map(({ service, healthy, inMaintenance }) => ({ service, healthy, inMaintenance })),
    [
      { service: 'ledger', healthy: false, inMaintenance: true },
      { service: 'reverse-proxy', healthy: true, inMaintenance: false },
    ],
  );
  await on(`cp /tmp/journal ${journal}; haven-agent recover`);
  assert.equal(await visit(), '200');
});
