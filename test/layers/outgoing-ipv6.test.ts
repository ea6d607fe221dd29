import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { network } from '../../sandbox/machine/network.ts';
import { run, tryRun } from '../../system/run.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { LabServer, openLab } from '../support/lab.ts';

/**
 * A service's bridge with IPv6, as compose files of services with `subnet6` have it: others see the server's own address,
 * and begin no connection to what is behind it. This computer is the one elsewhere on the internet.
 */
const bridge = 'hv-outgoing';
const subnet = 'fd68:6176:656e:99::/64';
const address = 'fd68:6176:656e:99::2';
const port = 8099;
let server: LabServer;
let elsewhere: Server;
const seen: (string | undefined)[] = [];

before(async () => {
  const lab = await openLab();
  server = await LabServer.create(lab, 'layer-outgoing', 74);
  // It loads the firewall each minute, which could be between a change and what comes of it.
  await onMachine(server.id, ['systemctl', 'stop', 'haven-recover.timer', 'haven-recover.service']);
  elsewhere = createServer((socket: Socket) => {
    seen.push(socket.remoteAddress);
    socket.end();
  });
  elsewhere.listen(port, network.hostIpv6);
  await once(elsewhere, 'listening');
  const options = ['--ipv6', '--subnet', subnet, '-o', `com.docker.network.bridge.name=${bridge}`];
  await onMachine(server.id, ['docker', 'network', 'create', ...options, 'outgoing']);
  const image = server.bundle('ledger').release.images.IMAGE_APP!;
  const listen = `require('net').createServer((socket)=>socket.end()).listen(${port},'::')`;
  const place = ['--network', 'outgoing', '--ip6', address, '--entrypoint', 'node'];
  await onMachine(server.id, ['docker', 'run', '-d', '--name', 'sender', ...place, image, '-e', listen]);
  await run('ip', ['-6', 'route', 'replace', `${address}/128`, 'via', server.ipv6, 'dev', network.bridge]);
  await waitUntil('the container to listen', async () => goesOut(address), { timeoutMs: 60_000 });
});
after(async () => {
  elsewhere?.close();
  await tryRun('ip', ['-6', 'route', 'del', `${address}/128`]);
  await server?.remove();
});

/** Whether the container opens a connection. */
async function goesOut(to: string = network.hostIpv6): Promise<boolean> {
  const script = `const s=require('net').connect(${port},'${to}',()=>process.exit(0));s.on('error',()=>process.exit(1));setTimeout(()=>process.exit(2),8000)`;
  return (await tryOnMachine(server.id, ['docker', 'exec', 'sender', 'node', '-e', script])).code === 0;
}

/** Whether a connection from elsewhere reaches the container. */
async function comesIn(): Promise<boolean> {
  const socket = connect(port, address);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(8000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test('others see the address of the server', async () => {
  assert.ok(await goesOut());
  assert.deepEqual([...new Set(seen)], [server.ipv6]);
});

test('in trial nothing goes out', async () => {
  const trial = (what: 'add' | 'delete') =>
    onMachine(server.id, ['nft', `${what} element inet haven_trial bridges { "${bridge}" }`]);
  await trial('add');
  assert.ok(!(await goesOut()));
  await trial('delete');
  assert.ok(await goesOut());
});

test('nobody elsewhere who knows the way begins a connection', async () => {
  assert.ok(!(await comesIn()));
  // Without the table it is reached, so it was the table.
  await onMachine(server.id, ['nft', 'flush', 'chain', 'inet', 'haven_ipv6', 'forward']);
  assert.ok(await comesIn());
});
