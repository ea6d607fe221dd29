import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { ServiceDefinition } from '../service.ts';
import { blockOf, isInBlocks, nextFreeBlock, ownUids } from './uids.ts';

const service = (more: Partial<ServiceDefinition>): ServiceDefinition => ({
  id: 'app',
  title: 'App',
  summary: 'An app.',
  upstream: { name: 'App', url: 'https://example.org', licence: 'MIT', version: '1' },
  images: {},
  options: z.strictObject({}),
  healthChecks: [],
  memoryMb: 1,
  ...more,
});

test("collects a service's uids from its data, secrets, certificates and host ports, without shared ones", () => {
  const all = service({
    data: { files: { rollback: 'never', uid: 2083, quotaGb: 1 } },
    secrets: { key: { app: 2081 }, 'db-password': { app: 2081, init: 2020 }, old: { app: 1000 } },
    certificate: { app: 2082 },
    hostNetwork: { ports: [], uids: [2084], reason: 'x' },
    upstreamUid: 1000,
  });
  assert.deepEqual(ownUids(all), [2081, 2082, 2083, 2084]);
});

test('starts a block at a multiple of ten', () => {
  assert.deepEqual([2070, 2079, 2080].map(blockOf), [2070, 2070, 2080]);
  assert.deepEqual([1000, 2009, 2010, 9999, 10000].map(isInBlocks), [false, false, true, true, false]);
});

test('finds the first free block, but never the one of PostgreSQL', () => {
  assert.equal(nextFreeBlock([]), 2010);
  assert.equal(nextFreeBlock([service({ secrets: { key: { app: 2012 } } })]), 2030);
});
