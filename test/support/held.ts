import { releaseHash } from '../../core/release/release.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import type { LabServer } from './lab.ts';

/** What was sent over one long connection, and what arrived. */
interface Transfer {
  name: string;
  sent: string;
  arrived: string;
}

const port = 8099;
const end = '/tmp/held-end';

/** Streams until the file `end` exists: downloads, uploads that it counts, and what a connection was upgraded to. */
const program = `
const { existsSync } = require('node:fs');
const every = (write, last) => { const timer = setInterval(() => {
  if (!existsSync('${end}')) return write('x'.repeat(1000));
  clearInterval(timer); last();
}, 200); };
const server = require('node:http').createServer((asked, response) => {
  if (asked.url === '/download') return every((text) => response.write(text), () => response.end('whole'));
  let bytes = 0;
  asked.on('data', (part) => { bytes += part.length; }).on('end', () => response.end(String(bytes)));
});
server.requestTimeout = 0;
server.on('upgrade', (asked, socket) => {
  socket.on('error', () => {});
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n');
  every((text) => socket.write(text), () => socket.end('whole'));
}).listen(${port}, '127.0.0.1');
`;

const uploader = `
let bytes = 0;
const timer = setInterval(() => {
  process.stdout.write('x'.repeat(1000)); bytes += 1000;
  if (!require('node:fs').existsSync('${end}')) return;
  clearInterval(timer); require('node:fs').writeFileSync(process.argv[1], String(bytes));
}, 200);
`;

const webSocket = (host: string): string => `
let said = '';
const socket = require('node:tls').connect({ host: '127.0.0.1', port: 443, servername: '${host}', rejectUnauthorized: false }, () =>
  socket.write('GET /socket HTTP/1.1\\r\\nHost: ${host}\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n'));
socket.on('data', (part) => { said += part; }).on('error', () => {}).on('close', () => console.log(said.slice(-5)));
`;

/** A service of a server that holds long requests: a program on the server itself, with routes like those of others. */
export class Held {
  readonly host = 'held.cloud.example';
  readonly #server: LabServer;

  private constructor(server: LabServer) {
    this.#server = server;
  }

  static async start(server: LabServer): Promise<Held> {
    const held = new Held(server);
    await held.#on(`systemd-run --quiet --unit=held /usr/bin/node -e "$(cat)"; rm -f ${end}`, program);
    await server.makeCertificate(held.host);
    const { release, files } = server.bundle('ledger');
    const routes = [{ host: held.host, port }];
    const bundle = { files, release: { ...release, service: 'held', routes, secrets: {}, data: {} } };
    const folder = `/srv/haven/services/held/releases/${releaseHash(bundle)}`;
    const link = `ln -s releases/${releaseHash(bundle)} /srv/haven/services/held/current`;
    await held.#on(
      `mkdir -p ${folder}; cat > ${folder}/bundle.json; ${link}; haven-agent recover`,
      JSON.stringify(bundle),
    );
    return held;
  }

  /** Holds a download and an upload of each version of HTTP, and a web socket, until {@link end}. */
  async hold(): Promise<Transfer[]> {
    const versions = ['--http1.1', '--http2', '--http3-only'];
    const curl = `curl -sSk --no-buffer --resolve ${this.host}:443:127.0.0.1`;
    const download = async (version: string): Promise<Transfer> => ({
      name: `download ${version}`,
      sent: 'whole, 0',
      arrived: await this.#on(
        `${curl} ${version} https://${this.host}/download > /tmp/held${version} 2>/tmp/held${version}.error; code=$?; echo "$(tail -c 5 /tmp/held${version}), $code"`,
      ),
    });
    const upload = async (version: string): Promise<Transfer> => {
      const sentFile = `/tmp/held-sent${version}`;
      const arrived = await this.#on(
        `program=$(cat); node -e "$program" ${sentFile} < /dev/null | ${curl} ${version} -T - https://${this.host}/upload 2>&1`,
        uploader,
      );
      return { name: `upload ${version}`, sent: await this.#on(`cat ${sentFile}`), arrived };
    };
    const socket = async (): Promise<Transfer> => ({
      name: 'web socket',
      sent: 'whole',
      arrived: await this.#on('program=$(cat); node -e "$program" < /dev/null', webSocket(this.host)),
    });
    return Promise.all([...versions.map(download), ...versions.map(upload), socket()]);
  }

  /** Waits until all of them go through the reverse proxy. */
  async isHolding(): Promise<void> {
    await waitUntil('seven long requests', async () => {
      const open = await this.#on(`ss -Htn state established sport = :${port} | wc -l`);
      return Number(open) >= 7;
    });
  }

  async end(): Promise<void> {
    await this.#on(`touch ${end}`);
  }

  async #on(script: string, input = ''): Promise<string> {
    return (await onMachine(this.#server.id, ['sh', '-c', script], { input })).stdout.trim();
  }
}
