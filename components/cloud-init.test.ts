import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { isInBlocks } from '../core/release/uids.ts';
import { loadCatalogue } from '../services/catalogue.ts';
import { renderCloudInit } from './cloud-init.ts';

test("no program of a service runs with the uid of the server's user, who may become root", async () => {
  const text = renderCloudInit({ authorizedKey: 'ssh-ed25519 A', hostKeyPrivate: 'x', hostKeyPublic: 'y' });
  const { users } = parse(text) as { users: { name: string; uid?: number }[] };
  const uid = users.find(({ name }) => name === 'haven')?.uid;
  assert.ok(uid !== undefined, 'without a uid, it is the first user and gets 1000');
  assert.ok(!isInBlocks(uid));
  for (const { definition } of (await loadCatalogue()).values()) assert.notEqual(definition.upstreamUid, uid);
});
