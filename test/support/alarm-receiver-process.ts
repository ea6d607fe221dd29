import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';

/** A receiver of alarms in a process of its own, for another network namespace. Arguments: address, port, file. */
const [address, port, file] = process.argv.slice(2);

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { url: path, headers } = request;
    appendFileSync(file!, `${JSON.stringify({ path, headers, body: Buffer.concat(chunks).toString() })}\n`);
    response.end();
  });
}).listen(Number(port), address);
