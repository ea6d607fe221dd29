import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planMailCloud, samplePublicKey } from '../../test/support/mail-cloud.ts';

const key = { selector: '2026a', publicKey: samplePublicKey };
const postboxOf = (receives: string[], ...withKey: string[]) =>
  planMailCloud({
    receives,
    pins: { dkim: Object.fromEntries(withKey.map((domain) => [domain, key])) },
  }).releases.find(({ service }) => service === 'postbox')!;

test('a service that signs mail gets the keys as a secret of the owner, which is not in its release', () => {
  const { bundle } = postboxOf([]);
  const secret = { generation: 1, given: 'dkim-keys', readers: { web: 2950 } };
  assert.deepEqual(bundle.release.secrets['dkim-keys'], secret);
});

test('the release is the same before and after a key is made, and another one with a further domain', () => {
  const two = ['example.org', 'team.example.org'];
  assert.equal(postboxOf(['example.org']).hash, postboxOf(['example.org'], 'example.org').hash);
  assert.equal(postboxOf(two, 'example.org').hash, postboxOf(two, ...two).hash);
  const generation = (...of: Parameters<typeof postboxOf>) =>
    postboxOf(...of).bundle.release.secrets['dkim-keys']!.generation;
  assert.equal(generation(two), 2);
  assert.equal(generation(['example.org'], ...two), 2, 'the server has both');
});
