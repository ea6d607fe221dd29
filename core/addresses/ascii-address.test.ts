import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asciiAddress } from './ascii-address.ts';

test('only a domain in other scripts is changed', () => {
  assert.equal(asciiAddress('club@münchen.de'), 'club@xn--mnchen-3ya.de');
  assert.equal(asciiAddress('@MÜNCHEN.de'), '@xn--mnchen-3ya.de');
  for (const same of ['Ada@Example.org', 'ä@example.org', 'ada', '', 'a@b@c', 'ü', 'a@ü ü.de'])
    assert.equal(asciiAddress(same), same);
});
