import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A receiver of alarms, as ntfy or a webhook: notes what it gets, and answers what the test says. */
export async function listenReceiver() {
  const got: { path: string; headers: IncomingHttpHeaders; body: string }[] = [];
  const receiver = { status: 200, headers: {} as Record<string, string>, isSilent: false };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
      if (receiver.isSilent) return;
      response.writeHead(receiver.status, receiver.headers).end('a body that nobody reads');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(receiver, { url, got, close });
}
