import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import { bridgeName } from '../../core/release/compose.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { LabServer, openLab } from '../support/lab.ts';

/** Caddy itself, and what it serves when it could not be told or when a service's files are damaged. */
let server: LabServer;
const host = 'ledger.cloud.example';

before(async () => {
  server = await LabServer.create(await openLab(['reverse-proxy', 'ledger']), 'layer-proxy', 27);
  const folder = `/srv/haven/certs/${host}`;
  const certificate = `mkdir -p ${folder} && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=${host} -days 2 -keyout ${folder}/tls.pem -out /tmp/chain.pem 2>/dev/null && cat /tmp/chain.pem >> ${folder}/tls.pem && chown -R 2010:2010 ${folder}`;
  await onMachine(server.id, ['sh', '-c', certificate]);
  for (const service of ['reverse-proxy', 'ledger'])
    assert.equal((await server.apply(server.bundle(service))).outcome, 'committed');
});
after(() => server?.remove());

const on = async (script: string): Promise<string> =>
  (await onMachine(server.id, ['sh', '-c', script])).stdout.trim();
const visit = (): Promise<string> =>
  on(
    `curl -sk -o /dev/null -w '%{http_code}' --resolve ${host}:443:127.0.0.1 https://${host}/version || true`,
  );
const inCaddy = (command: string): Promise<string> =>
  on(`docker exec haven-reverse-proxy-caddy-1 ${command}`);
const read = async (service: string): Promise<ServiceState> =>
  (await server.agent(['read', service])) as ServiceState;
const mark = '/srv/haven/services/ledger/switched-off';

test('routes that Caddy was not told are reported, and told to it later', async () => {
  await on(`touch ${mark}; haven-agent recover`);
  assert.equal(await visit(), '503');
  await inCaddy('mv /run/caddy/admin.sock /run/caddy/away');
  // Killed between the writing of the routes and the reload that the missing socket holds up.
  await on(`rm ${mark}; timeout -s KILL 8 haven-agent recover; true`);
  assert.match(await on('cat /srv/haven/reverse-proxy/routes/ledger.caddy'), /reverse_proxy 127/);
  assert.equal(await visit(), '503');
  const { healthy, problem } = await read('ledger');
  assert.equal(healthy, false);
  assert.match(problem ?? '', /reverse proxy has not loaded its routes yet/);

  await inCaddy('mv /run/caddy/away /run/caddy/admin.sock');
  await on('haven-agent recover');
  assert.equal(await visit(), '200');
  assert.deepEqual((await read('ledger')).problem, null);
  assert.equal((await read('ledger')).healthy, true);
});

test('a configuration that Caddy refuses is reported at once, in its words', async () => {
  await on(
    `touch ${mark}; cp /srv/haven/certs/${host}/tls.pem /tmp/; echo damaged > /srv/haven/certs/${host}/tls.pem`,
  );
  const began = Date.now();
  const refused = await tryOnMachine(server.id, ['haven-agent', 'recover']);
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /Caddy refuses this configuration, and serves the one from before: /);
  assert.ok(Date.now() - began < 30_000);
  await on(`rm ${mark}; cp /tmp/tls.pem /srv/haven/certs/${host}/tls.pem; haven-agent recover`);
  assert.equal(await visit(), '200');
});

test('a damaged journal keeps its own service in maintenance, and no other', async () => {
  const journal = '/srv/haven/journal/ledger.jsonl';
  await on(`cp ${journal} /tmp/journal && sed -i '1s/^./x/' ${journal}`);
  await on('haven-agent maintenance');
  const recovered = await tryOnMachine(server.id, ['haven-agent', 'recover']);
  assert.match(recovered.stderr, /ledger\.jsonl: entry 1 is damaged[\s\S]*Run on the server, as root: mv/);
  assert.equal(await visit(), '503');
  assert.match(await on('nft list table inet haven_trial'), new RegExp(bridgeName('ledger')));
  const states = (await server.agent(['list'])) as ServiceState[];
  assert.deepEqual(
    states.map(({ service, healthy, inMaintenance }) => ({ service, healthy, inMaintenance })),
    [
      { service: 'ledger', healthy: false, inMaintenance: true },
      { service: 'reverse-proxy', healthy: true, inMaintenance: false },
    ],
  );
  await on(`cp /tmp/journal ${journal}; haven-agent recover`);
  assert.equal(await visit(), '200');
});
