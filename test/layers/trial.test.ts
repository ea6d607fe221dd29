import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bridgeName } from '../../core/release/bridge-name.ts';
import { docker, tryDocker } from '../../sandbox/machine/docker.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { startComputer } from '../support/computer.ts';
import { LabServer, openLab } from '../support/lab.ts';
import { ledgerPort } from '../support/load.ts';

/**
 * A service in trial, tried from all sides. Every door is opened first out of maintenance (so that a closed one means
 * something) and again while the service is in trial: only the healthChecks' own user may come in, and nothing gets out.
 */
const visitor = 'haven-sandbox-visitor-trial';
const neighbour = 'haven-sandbox-neighbour';
let server: LabServer;

before(async () => {
  const lab = await openLab();
  server = await LabServer.create(lab, 'layer-trial', 21);
  const { outcome } = await server.apply(server.bundle('ledger'));
  assert.equal(outcome, 'committed');
  await startComputer(visitor, { ipv6: '2001:db8:7a::33', options: ['--cap-add', 'NET_ADMIN'] });
  // Another project on the same server, and something to reach on the server itself and outside it.
  const app = server.bundle('ledger').release.images.IMAGE_APP!;
  await onMachine(server.id, [
    'docker',
    'run',
    '-d',
    '--name',
    neighbour,
    '--entrypoint',
    'sleep',
    app,
    'infinity',
  ]);
  const listen = "require('http').createServer((q,s)=>s.end('hello')).listen(8099,'::')";
  await onMachine(server.id, ['systemd-run', '--quiet', '--unit=listener', '/usr/bin/node', '-e', listen]);
  await docker(['exec', '-d', visitor, 'node', '-e', listen]);
  const here = 'http://127.0.0.1:8099';
  await waitUntil(
    'the programs that listen',
    async () =>
      (await tryOnMachine(server.id, ask(here))).stdout === '200' &&
      (await fromVisitor(ask(here).join(' '))) === '200',
  );
  // What the reverse proxy's forwarding would do, so that the outside can try at all: a published port, on both families.
  await onMachine(server.id, [
    'sh',
    '-c',
    `docker network connect haven-ledger_default ${neighbour}; docker network disconnect haven-ledger_default ${neighbour}`,
  ]);
});

after(async () => {
  await tryDocker(['rm', '-f', visitor]);
  await server.remove();
});

async function containerAddress(name: string): Promise<string> {
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  return (await onMachine(server.id, ['docker', 'inspect', '-f', format, name])).stdout.trim();
}

/** How long a knock waits for an answer. Ten knock at once, on a machine that may be busy. */
const knockSeconds = 5;
const ask = (url: string) => [
  ...['curl', '-s', '-o', '/dev/null', '--max-time', String(knockSeconds), '-w', '%{http_code}', url],
];
const node = (url: string) => [
  'node',
  '-e',
  `fetch('${url}',{signal:AbortSignal.timeout(${knockSeconds * 1000})}).then(r=>console.log(r.status),()=>console.log('000'))`,
];
const inLedger = (command: string[]) => ['docker', 'exec', 'haven-ledger-app-1', ...command];

const fromVisitor = async (command: string): Promise<string> =>
  (await tryDocker(['exec', visitor, 'sh', '-c', command])).stdout.trim() || '000';

/** Every door there is: who knocks, and where. Answers the HTTP status, 000 where nobody answers. */
async function knock(only = /./): Promise<Record<string, string>> {
  const address = await containerAddress('haven-ledger-app-1');
  const gateway = address.replace(/\.\d+$/, '.1');
  const on = async (command: string[]) => (await tryOnMachine(server.id, command)).stdout.trim() || '000';
  const as = (user: string, command: string[]) => on(['runuser', '-u', user, '--', ...command]);
  const doors: Record<string, () => Promise<string>> = {
    "the healthChecks' user, over the published port": () =>
      as('haven-check', ask(`http://127.0.0.1:${ledgerPort}/health`)),
    'a daemon on the host, over the published port': () =>
      as('nobody', ask(`http://127.0.0.1:${ledgerPort}/health`)),
    'root on the host, over the published port': () => on(ask(`http://127.0.0.1:${ledgerPort}/health`)),
    'a daemon on the host, straight to the container': () =>
      as('nobody', ask(`http://${address}:8080/health`)),
    "another project's container": () =>
      on(['docker', 'exec', neighbour, ...node(`http://${address}:8080/health`)]),
    'outside, IPv4, routed to the container': () =>
      fromVisitor(
        `ip route replace ${address}/32 via ${server.ipv4}; ${ask(`http://${address}:8080/health`).join(' ')}`,
      ),
    'the container, to the host over its bridge': () => on(inLedger(node(`http://${gateway}:8099/`))),
    "the container, to the host's public IPv4": () => on(inLedger(node(`http://${server.ipv4}:8099/`))),
    'the container, to the outside, IPv4': () => on(inLedger(node(`http://${visitorIpv4}:8099/`))),
    'the container, to its own database': () =>
      on(
        inLedger([
          'node',
          '-e',
          "require('net').connect(5432,'db').on('connect',()=>{console.log('open');process.exit()}).on('error',()=>console.log('000'))",
        ]),
      ),
  };
  const wanted = Object.entries(doors).filter(([who]) => only.test(who));
  return Object.fromEntries(await Promise.all(wanted.map(async ([who, door]) => [who, await door()])));
}

let visitorIpv4 = '';

test('out of maintenance every door opens: the knocking works', async () => {
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  visitorIpv4 = (await docker(['inspect', '-f', format, visitor])).stdout.trim();
  const answers = await knock();
  const {
    "another project's container": neighbours,
    'outside, IPv4, routed to the container': outside,
    ...rest
  } = answers;
  // These two are closed by Docker itself, always; the trial must not depend on that, and is seen to below.
  assert.equal(neighbours, '000');
  assert.match(outside ?? '', /^(000|200)$/);
  assert.deepEqual(rest, {
    "the healthChecks' user, over the published port": '200',
    'a daemon on the host, over the published port': '200',
    'root on the host, over the published port': '200',
    'a daemon on the host, straight to the container': '200',
    'the container, to the host over its bridge': '200',
    "the container, to the host's public IPv4": '200',
    'the container, to the outside, IPv4': '200',
    'the container, to its own database': 'open',
  });
});

test('in trial only the healthChecks come in, nothing gets out, and an established connection is cut', async () => {
  // A connection from before, which keeps asking.
  const keep = `const{Agent,request}=require('http');const agent=new Agent({keepAlive:true,maxSockets:1});const f=require('fs');
    const go=()=>request('http://127.0.0.1:${ledgerPort}/version',{agent},r=>{r.resume();r.on('end',()=>{f.writeFileSync('/run/kept',Date.now()+'');setTimeout(go,50)})}).on('error',()=>{}).end();go();`;
  await onMachine(server.id, [
    'systemd-run',
    '--quiet',
    '--collect',
    '--unit=keeper',
    '/usr/bin/node',
    '-e',
    keep,
  ]);
  // Docker's own isolation between projects is removed, so that only the trial's is tested.
  await onMachine(server.id, ['sh', '-c', 'iptables -I DOCKER-USER -j ACCEPT']);

  const sick = server.bundle('ledger', { version: '2', behaviour: 'sick' });
  // The trial is aborted once all doors were tried, however long that takes.
  sick.release.startTimeoutSeconds = 120;
  await server.apply(sick, {
    whileRunning: async () => {
      await waitUntil(
        'the trial to begin',
        async () => {
          const asked = await tryOnMachine(server.id, [
            'runuser',
            '-u',
            'haven-check',
            '--',
            ...ask(`http://127.0.0.1:${ledgerPort}/health`),
          ]);
          return asked.stdout.trim() === '503';
        },
        { timeoutMs: 30_000 },
      );
      const answers = await knock();
      assert.equal(
        answers["the healthChecks' user, over the published port"],
        '503',
        'the program answers that it is not ready',
      );
      assert.equal(answers['the container, to its own database'], 'open');
      const closed = Object.entries(answers).filter(([who]) => !/healthChecks|own database/.test(who));
      assert.equal(closed.length, 8);
      assert.deepEqual(
        closed.filter(([, answer]) => answer !== '000'),
        [],
      );
      const rules = (await onMachine(server.id, ['nft', 'list', 'table', 'inet', 'haven_trial'])).stdout;
      assert.match(rules, new RegExp(bridgeName('ledger')));
      const last = Number((await onMachine(server.id, ['cat', '/run/kept'])).stdout);
      const clock = Number((await onMachine(server.id, ['date', '+%s%3N'])).stdout);
      assert.ok(clock - last > 500, 'the connection from before the trial carries nothing any more');
      await server.agent(['abort', 'ledger', 'ada@laptop']);
    },
  });
  await onMachine(server.id, ['sh', '-c', 'iptables -D DOCKER-USER -j ACCEPT']);
});

test('after the trial the doors are open again', async () => {
  const answers = await knock(/a daemon on the host, over|to the outside/);
  assert.equal(answers['a daemon on the host, over the published port'], '200');
  assert.equal(answers['the container, to the outside, IPv4'], '200');
});
