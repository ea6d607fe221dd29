import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressFault } from './receiver-address.ts';

test('an address has to be https, except to an IP address', () => {
  for (const fine of ['https://ntfy.sh', 'http://192.168.1.5:8080', 'http://[fd00::1]/x'])
    assert.equal(addressFault(fine), undefined, fine);
  assert.match(addressFault('http://ntfy.example.org') ?? '', /must begin with https/);
  assert.match(addressFault('ntfy.sh') ?? '', /is not an address/);
  assert.match(addressFault('https://me:pw@ntfy.sh') ?? '', /user name or password/);
});
