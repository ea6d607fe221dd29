import { Resolver } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import {
  blockLists,
  listName,
  type Outlook,
  reverseName,
  wellKnownServers,
} from '../../core/mail/preflight.ts';
import { LineConnection } from '../../system/line-connection.ts';

/** How long a mail server may take to greet. A blocked port is silent, so this is how long that look takes. */
const greetingMs = 10_000;

/** How this server looks from where its mail goes, over each family of which it has an address. */
export async function lookOutward(): Promise<Outlook[]> {
  const resolver = ownResolver();
  const own = ownAddresses();
  return Promise.all(
    (['IPv4', 'IPv6'] as const).flatMap((family) => {
      const address = own[family];
      return address === undefined ? [] : [lookOver(resolver, family, address)];
    }),
  );
}

/** The first public address of each family. A server at Hetzner has one. */
function ownAddresses(): Partial<Record<Outlook['family'], string>> {
  const found: Partial<Record<Outlook['family'], string>> = {};
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    // Bridges of Docker and of services.
    if (/^(br-|docker|veth|h[a-z]-)/.test(name)) continue;
    for (const { family, address, internal } of addresses)
      if (!internal && !address.startsWith('fe80:')) found[family] ??= address;
  }
  return found;
}

/** Whether other mail servers can be reached at port 25. */
export async function tryPort25(
  family: Outlook['family'],
  resolver = ownResolver(),
): Promise<Pick<Outlook, 'greeting' | 'refused' | 'isUntried'>> {
  const tried = await Promise.all(wellKnownServers.map((server) => greet(resolver, family, server)));
  const greeting = tried.find((each) => each.greeting !== undefined)?.greeting;
  return {
    ...(greeting === undefined ? {} : { greeting }),
    refused: tried.flatMap(({ why }) => (why === undefined ? [] : [why])),
    ...(tried.every(({ isUnknown }) => isUnknown) ? { isUntried: true } : {}),
  };
}

const ownResolver = (): Resolver => new Resolver({ timeout: 3000, tries: 2 });

/** How one address of this server looks. */
export async function lookOver(
  resolver: Resolver,
  family: Outlook['family'],
  address: string,
): Promise<Outlook> {
  const [port25, names, lists] = await Promise.all([
    tryPort25(family, resolver),
    answerOf(resolver.resolvePtr(reverseName(address))),
    Promise.all(
      blockLists.map(async (list) => {
        const { found, why } = await answerOf(resolver.resolve4(listName(list, address)));
        return { list, ...(found[0] === undefined ? {} : { answer: found[0] }), ...(why ? { why } : {}) };
      }),
    ),
  ]);
  const resolve = (name: string) => (family === 'IPv4' ? resolver.resolve4(name) : resolver.resolve6(name));
  const back = await Promise.all(names.found.map((name) => answerOf(resolve(name))));
  const isConfirmed = back.some(({ found }) => found.includes(address));
  const whyUnnamed = names.why ?? (isConfirmed ? undefined : back.find(({ why }) => why)?.why);
  return {
    ...{ family, address, ...port25, names: names.found, isConfirmed, lists },
    ...(whyUnnamed ? { whyUnnamed } : {}),
  };
}

/**
 * What the DNS answered. A name that does not exist is an answer. A resolver that does not answer tells nothing about a name, and
 * that must not hide what else there is to see: a domain whose DNSSEC is broken gives no answer at all.
 */
async function answerOf(asked: Promise<string[]>): Promise<{ found: string[]; why?: string }> {
  try {
    return { found: await asked };
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (['ENODATA', 'ENOTFOUND'].includes(code)) return { found: [] };
    if (!code.startsWith('E')) throw error;
    return { found: [], why: message };
  }
}

async function greet(
  resolver: Resolver,
  family: Outlook['family'],
  server: string,
): Promise<{ greeting?: string; why?: string; isUnknown?: boolean }> {
  let found: string[];
  try {
    found = await (family === 'IPv4' ? resolver.resolve4(server) : resolver.resolve6(server));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = ['ENODATA', 'ENOTFOUND'].includes(code ?? '') ? `has no ${family} address` : message;
    return { why: `${server}: ${why}`, isUnknown: true };
  }
  try {
    const connection = await LineConnection.open(found[0]!, 25, greetingMs);
    try {
      return { greeting: await connection.line() };
    } finally {
      connection.send('QUIT');
      connection.close();
    }
  } catch (error) {
    return { why: `${server}: ${(error as Error).message}` };
  }
}
