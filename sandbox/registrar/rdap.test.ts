import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerRdap } from './rdap.ts';

const ds = { keyTag: 1, algorithm: 13, digestType: 2, digest: 'ab'.repeat(32) };
const domains = {
  'example.test': { nameServers: ['ada.ns.sandbox.test'], ds: [ds] },
  'plain.test': { nameServers: ['ada.ns.sandbox.test'], ds: [] },
};

test('answers about a domain with its name servers and DS records', () => {
  const { status, body } = answerRdap('/domain/Example.test.', domains);
  assert.equal(status, 200);
  assert.partialDeepStrictEqual(body, {
    objectClassName: 'domain',
    ldhName: 'example.test',
    nameservers: [{ objectClassName: 'nameserver', ldhName: 'ada.ns.sandbox.test' }],
    secureDNS: { delegationSigned: true, dsData: [ds] },
  });
  const plain = answerRdap('/domain/plain.test', domains).body;
  assert.deepEqual('secureDNS' in plain && plain.secureDNS, { delegationSigned: false });
});

test('says in the form of RDAP what it does not have', () => {
  for (const path of ['/domain/unknown.test', '/nameserver/ada.ns.sandbox.test', '/domain/constructor', '/'])
    assert.partialDeepStrictEqual(answerRdap(path, domains), { status: 404, body: { errorCode: 404 } });
});
