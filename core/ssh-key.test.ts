import assert from 'node:assert/strict';
import { test } from 'node:test';
import ssh2 from 'ssh2';
import { generateSshKey } from './ssh-key.ts';

test('makes keys of full length that another implementation reads', () => {
  for (let round = 0; round < 600; round++) {
    const pair = generateSshKey('haven test');
    const blob = Buffer.from(pair.public.split(' ')[1]!, 'base64');
    assert.equal(blob.length, 51, 'RFC 8709 §4: 32 bytes of key, whatever the first byte is');
    const parsed = ssh2.utils.parseKey(pair.private);
    assert.ok(!(parsed instanceof Error), String(parsed));
    assert.deepEqual(parsed.getPublicSSH(), blob);
    const signature = parsed.sign(Buffer.from('message'));
    const reader = ssh2.utils.parseKey(pair.public);
    assert.ok(!(reader instanceof Error));
    assert.ok(reader.verify(Buffer.from('message'), signature as Buffer));
  }
});
