import { createSocket } from 'node:dgram';
import { getServers } from 'node:dns';
import { isIPv6 } from 'node:net';
import { type DecodedPacket, decode, encode, RECURSION_DESIRED } from 'dns-packet';

/** How long a resolver may take to answer, in milliseconds, and how often each is asked. */
const limits = { answerMs: 2000, tries: 2 };

/**
 * The DS records of a zone, as text (`12345 13 2 abcd...`), by asking the resolver of this computer over UDP: Node's own
 * resolver does not ask for this type. Empty where there are none. Throws errors with a `code`, as Node's resolver does.
 */
export async function lookUpDs(zone: string): Promise<string[]> {
  const servers = process.env.HAVEN_RESOLVER ? [process.env.HAVEN_RESOLVER] : getServers();
  const asked = Array.from({ length: limits.tries }, () => servers).flat();
  let last: unknown = failure('ENOSERVER', zone);
  for (const server of asked) {
    try {
      return contentsOf(await ask(server, zone), zone);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

function contentsOf({ rcode, answers = [], flag_tc: isTruncated }: Answer, zone: string): string[] {
  if (rcode === 'NXDOMAIN') return [];
  if (rcode !== 'NOERROR') throw failure(`E${rcode}`, zone);
  if (isTruncated) throw failure('ETRUNCATED', zone);
  return answers.flatMap((answer) => {
    if (answer.type !== 'DS') return [];
    const { keyTag, algorithm, digestType, digest } = answer.data;
    return [`${keyTag} ${algorithm} ${digestType} ${digest.toString('hex')}`];
  });
}

/** The package's types leave out the answer's code, which it decodes (RFC 1035 §4.1.1). */
type Answer = DecodedPacket & { rcode?: string };

/** One question to one resolver, which is an address, with or without a port. */
function ask(server: string, zone: string): Promise<Answer> {
  const [, host = server, port = '53'] = /^(?:\[(.*)\]|([^:]*)):(\d+)$/.exec(server)?.filter(Boolean) ?? [];
  const id = Math.floor(Math.random() * 65536);
  const question = encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ type: 'DS', name: zone }],
  });
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  return new Promise<Answer>((resolve, reject) => {
    const timer = setTimeout(() => reject(failure('ETIMEOUT', zone)), limits.answerMs);
    socket.on('error', reject);
    socket.on('close', () => clearTimeout(timer));
    socket.on('message', (message) => {
      try {
        const answer = decode(message);
        if (answer.id === id) resolve(answer);
      } catch (error) {
        reject(Object.assign(failure('EBADRESP', zone), { cause: error }));
      }
    });
    // Connected, a socket takes answers from nobody else, and learns that nobody listens there.
    socket.connect(Number(port), host, () => socket.send(question));
  }).finally(() => socket.close());
}

const failure = (code: string, zone: string): Error =>
  Object.assign(new Error(`queryDs ${code} ${zone}`), { code });
