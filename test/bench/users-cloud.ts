import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loopbackPort } from '../../core/release/render-release.ts';
import { webRootsFile } from '../../sandbox/host/paths.ts';
import { containerName } from '../../sandbox/machine/container-name.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { inNetworkOf } from '../../sandbox/machine/network.ts';
import gitea from '../../services/gitea/service.ts';
import keycloak from '../../services/keycloak/service.ts';
import { firstServer } from '../support/first-server.ts';
import { GitClient } from '../support/git.ts';
import { makeGitUser } from '../support/git-user.ts';
import { setPasswords } from '../support/ldap.ts';
import { loadLogins } from '../support/login-load.ts';
import type { Owner } from '../support/owner.ts';
import { askInServerNetwork } from '../support/server-network.ts';
import { type Figure, median, seconds, timed } from './figure.ts';
import type { Shots, Target } from './shoot.ts';

const password = 'Correct-horse-battery-7';

/** A cloud with users and Gitea: what the ways to it cost. */
export async function benchUsersCloud(owner: Owner): Promise<Figure[]> {
  const { machine, ipv4 } = await firstServer();
  const added = await timed(() =>
    owner.must(['user', 'add', 'ada', '--given-name', 'Ada', '--surname', 'Lovelace']),
  );
  const figures: Figure[] = [
    { what: 'users add, to the link that lets them in', ours: seconds(added), beside: '' },
  ];
  figures.push(...(await pages(owner, machine)));
  figures.push(...(await logins(owner, machine)));
  figures.push(...(await clones(owner, machine, ipv4)));
  figures.push(...(await memory(machine)));
  return figures;
}

/** Asks a page without pause for some seconds, from inside the server's own network. */
async function shoot(machine: string, target: Target): Promise<Shots> {
  const script = fileURLToPath(new URL('./shoot.ts', import.meta.url));
  return askInServerNetwork(machine, script, target, 60_000);
}

/**
 * Two ways to the same thing, measured in turns, so that what else this machine does meets both alike; they take turns at
 * being the first of a round, too, for whichever comes second finds what that one warmed.
 */
async function inTurns<T, Figures>(
  rounds: number,
  one: () => Promise<T>,
  other: () => Promise<T>,
  sum: (all: T[]) => Figures,
): Promise<[Figures, Figures]> {
  const ones: T[] = [];
  const others: T[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) ones.push(await one());
    others.push(await other());
    if (round % 2 === 1) ones.push(await one());
  }
  return [sum(ones), sum(others)];
}

async function pages(owner: Owner, machine: string): Promise<Figure[]> {
  const host = `git.${owner.domain}`;
  const url = 'https://127.0.0.1/user/login';
  const roots = readFileSync(webRootsFile, 'utf8');
  const past = `http://127.0.0.1:${loopbackPort(gitea, 'http')}/user/login`;
  const [door, own] = await inTurns(
    3,
    () => shoot(machine, { url, host, roots }),
    () => shoot(machine, { url: past, host }),
    (rounds) => ({
      perSecond: median(rounds.map((each) => each.perSecond)),
      p975Ms: median(rounds.map((each) => each.p975Ms)),
    }),
  );
  return [
    {
      what: 'a page of Gitea a second, through the reverse proxy and at its own port, median of 3',
      ours: `${door.perSecond}/s (p97.5 ${door.p975Ms} ms)`,
      beside: `${own.perSecond}/s (p97.5 ${own.p975Ms} ms)`,
      ratio: door.perSecond / own.perSecond,
      limit: { text: 'at least 0.9', holds: door.perSecond >= own.perSecond * 0.9 },
    },
  ];
}

async function logins(owner: Owner, machine: string): Promise<Figure[]> {
  await setPasswords(machine, ['ada'], password);
  const load = { loginHost: `login.${owner.domain}`, users: ['ada'], password, perSecond: 20, seconds: 8 };
  const roots = readFileSync(webRootsFile, 'utf8');
  const throughDoor = { ...load, reach: { port: 443, roots } };
  const past = { ...load, reach: { port: loopbackPort(keycloak, 'http') } };
  await loadLogins(machine, throughDoor);
  const [door, own] = await inTurns(
    5,
    () => loadLogins(machine, throughDoor),
    () => loadLogins(machine, past),
    (rounds) => ({
      perSecond: median(rounds.map((each) => each.perSecond)),
      p95Ms: median(rounds.map((each) => each.p95Ms)),
    }),
  );
  return [
    {
      what: "logins, 20 a second asked for, through the reverse proxy and at Keycloak's own port, median of 5",
      ours: `${door.perSecond}/s (p95 ${door.p95Ms} ms)`,
      beside: `${own.perSecond}/s (p95 ${own.p95Ms} ms)`,
      ratio: door.perSecond / own.perSecond,
      limit: { text: 'at least 0.9', holds: door.perSecond >= own.perSecond * 0.9 },
    },
  ];
}

/** Git over SSH, by HAProxy and past it; past it the client itself says the header that HAProxy would say. */
async function clones(owner: Owner, machine: string, address: string): Promise<Figure[]> {
  const host = `git.${owner.domain}`;
  const client = new GitClient(host, address);
  try {
    const token = await makeGitUser(owner, 'bench', password);
    const port = loopbackPort(gitea, 'http');
    const ask = (path: string, body: object) =>
      onMachine(machine, [
        ...['curl', '-fsS', '-H', `Authorization: token ${token}`, '-H', 'Content-Type: application/json'],
        ...['-d', JSON.stringify(body), `http://127.0.0.1:${port}/api/v1${path}`],
      ]);
    await ask('/user/keys', { title: 'bench', key: readFileSync(client.publicKeyFile, 'utf8') });
    await ask('/user/repos', { name: 'big' });
    await client.must(['init', '-q', '-b', 'main', 'big']);
    const noise = Buffer.from(
      Array.from({ length: 8_000_000 }, (_, n) => Math.imul(n ^ (n >>> 7), 2654435761) >>> 13),
    );
    writeFileSync(join(client.folder, 'big', 'noise'), noise);
    await client.commit('big', 'readme', 'big');
    const url = `ssh://git@${host}:2222/bench/big.git`;
    await client.must(['push', '-q', url, 'main'], { folder: 'big' });
    const inServer = (await inNetworkOf(containerName(machine))).join(' ');
    const own = `${inServer} bash -c 'exec 3<>/dev/tcp/127.0.0.1/${loopbackPort(gitea, 'ssh')}; printf "PROXY TCP4 127.0.0.1 127.0.0.1 40000 2222\\r\\n" >&3; cat <&3 & cat >&3'`;
    const clone = (name: string, more = {}) => timed(() => client.must(['clone', '-q', url, name], more));
    let number = 0;
    const [through, past] = await inTurns(
      12,
      () => clone(`clone-${number++}`),
      () => clone(`clone-${number++}`, { proxy: own }),
      median,
    );
    return [
      {
        what: 'git clone of 8 MB over SSH, through HAProxy and past it, median of 12',
        ours: seconds(through),
        beside: seconds(past),
        ratio: past / through,
        limit: { text: 'at least 0.9 of its speed', holds: past >= through * 0.9 },
      },
    ];
  } finally {
    client.forget();
  }
}

async function memory(machine: string): Promise<Figure[]> {
  const { stdout } = await onMachine(machine, [
    ...['docker', 'stats', '--no-stream', '--format', '{{.Name}}\t{{.MemUsage}}'],
  ]);
  return stdout
    .trim()
    .split('\n')
    .sort()
    .map((line) => {
      const [name = '', usage = ''] = line.split('\t');
      return { what: `memory of ${name}`, ours: usage, beside: '' };
    });
}
