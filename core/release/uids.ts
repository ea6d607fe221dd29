import { withAllOptionalParts } from '../optional-parts.ts';
import type { ServiceDefinition } from '../service.ts';
import { authProxyUid } from './auth-proxy.ts';
import { postgresUid } from './compose.ts';

/**
 * Each service owns a block of ten uids, so that no program can read another service's files even if it breaks out of
 * its container. A service says which of them it uses; the blocks follow from that, and docs/uids.md is generated
 * from them. The uids of PostgreSQL and of the auth proxy are shared:
 * each service has containers of its own for them, with folders and secrets of their own. Upstream images that
 * require a certain uid are exceptions (`upstreamUid`).
 */
export const blockSize = 10;
const firstBlock = 2010;
const lastUid = 9999;

/**
 * The uid of the server's user `haven`, who may run the agent as root. The first user of a server would get 1000, which
 * upstream's images use as well: a program of theirs that breaks out of its container could read that user's files.
 */
export const operatorUid = 2000;

export const blockOf = (uid: number): number => Math.floor(uid / blockSize) * blockSize;
export const isInBlocks = (uid: number): boolean => uid >= firstBlock && uid <= lastUid;

/** The uids that a service names and that must be its own, sorted. */
export function ownUids(service: ServiceDefinition): number[] {
  const { data, secrets, certificate, needs, hostNetwork, upstreamUid } = withAllOptionalParts(service);
  const named = [
    ...Object.values(data ?? {}).map(({ uid }) => uid),
    ...Object.values(secrets ?? {}).flatMap((readers) => Object.values(readers)),
    ...Object.values(certificate ?? {}),
    ...Object.values(needs?.hostCertificate?.readers ?? {}),
    ...(hostNetwork?.uids ?? []),
  ];
  return [...new Set(named)]
    .filter((uid) => ![postgresUid, authProxyUid, upstreamUid].includes(uid))
    .sort((a, b) => a - b);
}

/** The first block that no service has. */
export function nextFreeBlock(services: ServiceDefinition[]): number {
  const taken = new Set([postgresUid, authProxyUid, ...services.flatMap(ownUids)].map(blockOf));
  let block = firstBlock;
  while (taken.has(block)) block += blockSize;
  return block;
}
