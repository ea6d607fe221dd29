import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer, request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { sandboxDir, trustFile } from '../host/paths.ts';
import { network } from '../machine/network.ts';
import { type CaaRecord, whyForbidden } from './caa.ts';
import { acmeHost } from './zones.ts';

/** What Pebble's directory names as its CAA identity. */
export const caaIdentity = 'pebble.letsencrypt.org';
export const acmeDirectory = `https://${acmeHost}:14000/dir`;

/** The way to Pebble: passes everything on, but refuses an order that CAA forbids, as a real authority would. */
export function createAcmeGateway(): Server {
  const tls = join(sandboxDir, 'internet', 'tls');
  const resolver = new Resolver({ timeout: 2000, tries: 3 });
  resolver.setServers([network.internetIpv4]);
  const options = { key: readFileSync(join(tls, 'acme.key')), cert: readFileSync(join(tls, 'acme.crt')) };
  return createServer(options, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const refusal = request.url === '/order-plz' ? await refuseOrder(body, resolver) : undefined;
    if (refusal) {
      response.writeHead(403, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ type: 'urn:ietf:params:acme:error:caa', detail: refusal, status: 403 }));
      return;
    }
    const onward = httpsRequest(
      {
        host: network.internetIpv4,
        port: 14000,
        method: request.method,
        path: request.url,
        headers: request.headers,
        ca: readFileSync(trustFile),
        servername: acmeHost,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', (error) => response.writeHead(502).end(`Pebble does not answer: ${error.message}`));
    onward.end(body);
  });
}

async function refuseOrder(body: Buffer, resolver: Resolver): Promise<string | undefined> {
  const jws = JSON.parse(body.toString()) as { protected: string; payload: string };
  const decode = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString());
  const { kid } = decode(jws.protected) as { kid: string };
  const { identifiers } = decode(jws.payload) as { identifiers: { value: string }[] };
  for (const { value } of identifiers) {
    const wildcard = value.startsWith('*.');
    const records = await relevantRecords(value.replace('*.', ''), resolver);
    // An authority that can't learn what CAA says must not issue (RFC 8659 §6): a zone whose signatures are wrong, say.
    if (records === undefined) return `CAA records for ${value} can't be looked up`;
    const why = whyForbidden({
      records,
      issuer: caaIdentity,
      accountUri: kid,
      method: wildcard ? 'dns-01' : 'http-01',
      wildcard,
    });
    if (why) return `CAA record for ${value} prevents issuance: ${why}`;
  }
  return undefined;
}

/** The records that count for a name; undefined where the resolver gives no answer (SERVFAIL, or none in time). */
async function relevantRecords(name: string, resolver: Resolver): Promise<CaaRecord[] | undefined> {
  for (let labels = name.split('.'); labels.length > 0; labels = labels.slice(1)) {
    try {
      const found = await resolver.resolveCaa(labels.join('.'));
      if (found.length > 0) return found.map(toRecord);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (code === 'ESERVFAIL' || code === 'ETIMEOUT') return undefined;
      if (code !== 'ENODATA' && code !== 'ENOTFOUND') throw error;
    }
  }
  return [];
}

/** Node gives a CAA record as `{critical, issue: "..."}`: the tag is a key. */
function toRecord(record: object): CaaRecord {
  const {
    critical,
    type: _type,
    ...rest
  } = record as { critical: number; type?: string } & Record<string, string | number>;
  const [tag = '', value = ''] = Object.entries(rest)[0] ?? [];
  return { flags: critical, tag, value: String(value) };
}
