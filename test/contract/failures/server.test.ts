import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after } from 'node:test';
import { describeHeld } from '../../../core/operations/deploy-lock.ts';
import { refuseOlder } from '../../../core/operations/protocol.ts';
import { type FailureCase, provokeAll } from '../../support/failure-table.ts';
import { refusedAddress } from '../../support/faulty-api.ts';
import { cutOff, StubAgent, silence, Text } from '../../support/stub-agent.ts';

/** Something at the server's address that does not speak SSH as a server does. */
async function listenAt(onSocket: (socket: Socket) => void): Promise<void> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    for (const each of sockets) each.destroy();
    server.close();
  });
  process.env.HAVEN_SSH_PORT = String((server.address() as AddressInfo).port);
}
/** What is on standard error of `haven-agent`, which exits with 1. */
const refusing = (message: string) => () => {
  throw new Error(message);
};
const forUp = {
  'deploy-lock-release': () => ({}),
  'state-look': () => ({ newest: null, unsent: null, held: null }),
};
const up = 'up --yes --no-backups';

const table: FailureCase[] = [
  {
    name: 'nothing listens',
    typed: 'status',
    code: 'unreachable',
    cloud: { agent: {} },
    provoke: async () => {
      process.env.HAVEN_SSH_PORT = new URL(await refusedAddress()).port;
    },
  },
  {
    name: 'silence',
    typed: 'status',
    code: 'unreachable',
    cloud: { agent: {} },
    provoke: () => listenAt(() => undefined),
  },
  {
    name: 'the connection ends at once',
    typed: 'history',
    code: 'unreachable',
    cloud: { agent: {} },
    provoke: () => listenAt((socket) => socket.destroy()),
  },
  {
    name: 'something else answers',
    typed: 'history',
    code: 'unreachable',
    cloud: { agent: {} },
    provoke: () => listenAt((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  },
  {
    name: 'another host key',
    typed: 'status',
    code: 'unreachable',
    cloud: { agent: {} },
    provoke: async (cloud) => {
      const store = await cloud.secrets();
      await store.set('host-key-a', store.get('ssh-key')!);
    },
  },
  {
    name: 'another host key, for logs',
    typed: 'logs website',
    code: 'unreachable',
    cloud: { agent: {} },
    provoke: async (cloud) => {
      const store = await cloud.secrets();
      await store.set('host-key-a', store.get('ssh-key')!);
    },
  },
  {
    name: 'our key is not accepted',
    typed: 'status',
    code: 'unreachable',
    cloud: { agent: {} },
    provoke: async (cloud) => {
      const other = await StubAgent.listen(cloud.agent.hostKey.public, {}, cloud.agent.hostKey);
      after(() => other.close());
      process.env.HAVEN_SSH_PORT = String(other.port);
    },
  },
  {
    name: 'no agent yet',
    typed: 'status',
    code: 'unreachable',
    cloud: { agent: { together: refusing('sudo: /usr/local/bin/haven-agent: command not found') } },
  },
  {
    name: 'the agent gives no answer',
    typed: 'status',
    code: 'unreachable',
    cloud: { agent: { together: () => new Text(silence) } },
  },
  {
    name: 'the agent prints something else',
    typed: 'status',
    code: 'unreachable',
    cloud: { agent: { together: () => new Text('Segmentation fault\n') } },
  },
  {
    name: 'the connection is lost',
    typed: 'status',
    code: 'unreachable',
    cloud: { agent: { together: () => new Text(cutOff) } },
  },
  {
    name: 'an older agent',
    typed: 'ban list',
    cloud: {
      agent: { 'ban-list': refusing('haven-agent: unknown command "ban-list". Commands: list, read') },
    },
  },
  {
    name: 'a newer agent',
    typed: up,
    cloud: {
      agent: {
        ...forUp,
        'deploy-lock-take': () => refuseOlder(1),
      },
    },
  },
  {
    name: 'another run changes the server',
    typed: up,
    cloud: {
      agent: {
        ...forUp,
        'deploy-lock-take': refusing(
          describeHeld(
            { run: 'b', holder: 'grace@desk', stage: 'changing', agent: null, untilMs: 60_000 },
            0,
          ),
        ),
      },
    },
  },
  {
    name: 'there is no server yet',
    typed: 'status',
  },
];

provokeAll(import.meta.url, 'server', table);
