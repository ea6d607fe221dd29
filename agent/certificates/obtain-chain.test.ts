import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Authorization, Order } from 'acme-client';
import { scratch } from '../../test/support/scratch.ts';
import { type AcmeClient, obtainChain } from './obtain-chain.ts';

/** A stub of an authority: each order ends as the next of `outcomes` says. */
function authority(outcomes: ('valid' | 'connection' | 'caa')[], folder: string) {
  const seen: string[] = [];
  let error: object | undefined;
  const authorization = (): Authorization => ({
    url: 'https://ca.test/authorization',
    identifier: { type: 'dns', value: 'www.example.org' },
    status: 'pending',
    challenges: [
      {
        type: 'http-01',
        url: 'https://ca.test/1',
        status: 'pending',
        token: 'token',
        ...(error && { error }),
      },
    ],
  });
  const order = { url: 'https://ca.test/order', authorizations: [] } as unknown as Order;
  const client: AcmeClient = {
    createOrder: async () => {
      error = undefined;
      return order;
    },
    getAuthorizations: async () => [authorization()],
    getChallengeKeyAuthorization: async () => 'token.thumbprint',
    completeChallenge: async (challenge) => {
      seen.push(readFileSync(join(folder, 'token'), 'utf8'));
      return challenge;
    },
    waitForValidStatus: async <T>(item: T): Promise<T> => {
      const outcome = outcomes.shift();
      if (outcome === 'valid') return item;
      error = { type: `urn:ietf:params:acme:error:${outcome}` };
      throw new Error(`refused: ${outcome}`);
    },
    finalizeOrder: async () => order,
    getCertificate: async () => 'CHAIN',
  };
  return { client, seen };
}

const request = (challenges: string) => ({
  name: 'www.example.org',
  csr: Buffer.from(''),
  challenges,
  pauseMs: 1,
});

test('orders again if the authority could not connect', async () => {
  const folder = scratch('challenges');
  const { client, seen } = authority(['connection', 'connection', 'valid'], folder);
  assert.equal(await obtainChain(client, request(folder)), 'CHAIN');
  assert.deepEqual(seen, Array(3).fill('token.thumbprint'), 'the challenge was there each time');
  assert.deepEqual(readdirSync(folder), []);
});

test('gives up after three orders', async () => {
  const folder = scratch('challenges');
  const { client, seen } = authority(['connection', 'connection', 'connection', 'valid'], folder);
  await assert.rejects(obtainChain(client, request(folder)), /refused: connection/);
  assert.equal(seen.length, 3);
});

test('does not order again if the authority refused for another reason', async () => {
  const folder = scratch('challenges');
  const { client, seen } = authority(['caa', 'valid'], folder);
  await assert.rejects(obtainChain(client, request(folder)), /refused: caa/);
  assert.equal(seen.length, 1);
  assert.ok(!existsSync(join(folder, 'token')));
});
