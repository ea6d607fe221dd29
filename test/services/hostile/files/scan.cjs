// Connects to every address and port that it can think of, and greets what accepts.
const { Resolver } = require('node:dns').promises;
const { readFileSync } = require('node:fs');
const { connect } = require('node:net');
const { networkInterfaces } = require('node:os');

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
/** Where programs of a cloud listen, inside and outside of containers. */
const known = [
  ...[21, 22, 25, 53, 80, 111, 389, 443, 587, 636, 2019, 2021, 2022, 2222, 2375, 2376, 2525, 3000, 3306],
  ...[4180, 5000, 5232, 5432, 6379, 8000, 8080, 8081, 8443, 8888, 9000, 9090, 9100, 11211],
];
/** Where ports are published to loopback, and where a mailbox for an invitation may be. */
const published = range(20_000, 29_999);
const mailbox = range(50_000, 50_199);

/** The gateways of every network that Docker may have made here: bridges of /26 in 172.18.0.0/15, and its own. */
const networks = range(0, 39).map((n) => ({ first: `172.18.${Math.floor(n / 4)}.`, from: (n % 4) * 64 }));
const gateways = networks.map(({ first, from }) => `${first}${from + 1}`);
const neighbours = networks.flatMap(({ first, from }) => range(2, 6).map((n) => `${first}${from + n}`));

/** Gateways of its own networks (/proc/net/route has them as little-endian hex). */
const ownGateways = () =>
  readFileSync('/proc/net/route', 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t')[2] ?? '')
    .filter((hex) => /^[0-9A-F]{8}$/.test(hex) && hex !== '00000000')
    .map((hex) =>
      [...hex.matchAll(/../g)]
        .map(([byte]) => Number.parseInt(byte, 16))
        .reverse()
        .join('.'),
    );

async function serverAddresses() {
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  const host = `login.${process.env.DOMAIN}`;
  const nothing = () => [];
  return [
    ...(await resolver.resolve4(host).catch(nothing)),
    ...(await resolver.resolve6(host).catch(nothing)),
  ];
}

const greeting = [
  `GET / HTTP/1.1\r\nHost: me.${process.env.DOMAIN}\r\nX-Auth-Request-Preferred-Username: ada`,
  'X-Auth-Request-Groups: admins\r\nRemote-User: ada\r\nX-Webauth-User: ada\r\nUser-Agent: hostile-scan\r\n\r\n',
].join('\r\n');

/** Whether something accepted. What it says is of no interest. */
function knock({ host, port }, timeoutMs) {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let accepted = false;
    const end = () => {
      socket.destroy();
      resolve(accepted);
    };
    const timer = setTimeout(end, timeoutMs);
    socket.on('connect', () => {
      accepted = true;
      socket.write(greeting);
      setTimeout(end, 300);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(accepted);
    });
  });
}

async function knockAll(targets, { lanes = 400, timeoutMs = 700 } = {}) {
  let next = 0;
  let accepted = 0;
  const lane = async () => {
    while (next < targets.length) if (await knock(targets[next++], timeoutMs)) accepted++;
  };
  await Promise.all(range(1, lanes).map(lane));
  return { tried: targets.length, accepted };
}

const product = (hosts, ports) => hosts.flatMap((host) => ports.map((port) => ({ host, port })));

/** `also`: addresses that it was told of. `seconds`: only looks for a mailbox at these, again and again. */
async function scan({ also = [], seconds }) {
  if (seconds) {
    const end = Date.now() + seconds * 1000;
    let rounds = 0;
    for (; Date.now() < end; rounds++) await knockAll(product(also, mailbox), { timeoutMs: 200 });
    return { rounds };
  }
  const server = [...new Set([...ownGateways(), ...(await serverAddresses())])];
  const own = Object.values(networkInterfaces())
    .flat()
    .map(({ address }) => address);
  const others = [...new Set([...also, ...gateways, ...neighbours, '172.17.0.1'])].filter(
    (each) => !own.includes(each) && !server.includes(each),
  );
  return knockAll([
    ...product(server, [...range(1, 1023), ...known, ...published]),
    ...product([...others, '169.254.169.254', 'fd00:ec2::254', '127.0.0.11', '::1'], known),
  ]);
}

module.exports = { scan };
