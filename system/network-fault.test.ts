import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkFault } from './network-fault.ts';

const failed = (cause: object) =>
  Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('x'), cause) });

test('finds what the network did in an error or what caused it', () => {
  for (const [error, said] of [
    [failed({ code: 'ECONNREFUSED' }), "can't be reached: api.example refuses the connection."],
    [failed({ code: 'EAI_AGAIN' }), "can't be reached: no name server answers. Are you online?"],
    [
      failed({ code: 'CERT_NOT_YET_VALID' }),
      "can't be trusted: the certificate of api.example is not valid yet. A proxy on the way, or a wrong clock on this computer, can be the reason.",
    ],
    [
      new AggregateError([Object.assign(new Error('y'), { code: 'EHOSTUNREACH' })]),
      "can't be reached: there is no route to api.example.",
    ],
    [
      new DOMException('The operation was aborted', 'TimeoutError'),
      "can't be reached: api.example does not answer.",
    ],
    [failed({ message: 'bad port' }), "can't be reached: bad port."],
  ] as const)
    assert.equal(networkFault(error, 'api.example'), said);
});

test('says nothing of an error that has nothing to do with the network', () => {
  for (const error of [
    new TypeError('x is not a function'),
    new Error('ENOTFOUND'),
    'ECONNREFUSED',
    undefined,
  ])
    assert.equal(networkFault(error), undefined);
});
