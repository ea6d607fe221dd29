import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authorization, Client, Order } from 'acme-client';
import { writeDurably } from '../store/bundle-store.ts';

/** What is used of acme-client. */
export type AcmeClient = Pick<
  Client,
  | 'createOrder'
  | 'getAuthorizations'
  | 'getChallengeKeyAuthorization'
  | 'completeChallenge'
  | 'waitForValidStatus'
  | 'finalizeOrder'
  | 'getCertificate'
>;

export interface ChainRequest {
  /** The one name in the certificate. */
  name: string;
  csr: Buffer;
  /** The folder from which the reverse proxy serves challenges. */
  challenges: string;
  /** How long to wait before a new order, in ms. */
  pauseMs?: number;
}

/** How often a certificate is ordered when the authority could not connect to this server. */
const orders = 3;

/**
 * A certificate and its chain (PEM), by HTTP-01 (RFC 8555 §8.3). If the authority could not connect, which a moment
 * between two networks is enough for, a new order is placed: a failed authorization stays failed (§7.1.6).
 */
export async function obtainChain(client: AcmeClient, request: ChainRequest): Promise<string> {
  for (let left = orders; ; left -= 1) {
    const order = await client.createOrder({ identifiers: [{ type: 'dns', value: request.name }] });
    try {
      for (const authorization of await client.getAuthorizations(order))
        if (authorization.status !== 'valid') await answer(client, authorization, request.challenges);
      return await client.getCertificate(await client.finalizeOrder(order, request.csr));
    } catch (error) {
      if (left === 1 || !(await couldNotConnect(client, order))) throw error;
      await sleep(request.pauseMs ?? 2000);
    }
  }
}

async function answer(client: AcmeClient, authorization: Authorization, folder: string): Promise<void> {
  const challenge = authorization.challenges.find(({ type }) => type === 'http-01');
  if (!challenge) throw new Error('the authority offers no HTTP-01 challenge');
  const file = join(folder, challenge.token);
  writeDurably(file, await client.getChallengeKeyAuthorization(challenge));
  try {
    await client.completeChallenge(challenge);
    await client.waitForValidStatus(challenge);
  } finally {
    rmSync(file, { force: true });
  }
}

/** RFC 8555 §6.7: the error type of a challenge whose server could not be connected to. */
async function couldNotConnect(client: AcmeClient, order: Order): Promise<boolean> {
  const authorizations = await client.getAuthorizations(order);
  return authorizations.some(({ challenges }) =>
    challenges.some(
      ({ error }) => error && 'type' in error && error.type === 'urn:ietf:params:acme:error:connection',
    ),
  );
}
