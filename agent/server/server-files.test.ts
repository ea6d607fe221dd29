import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFiles } from './server-files.ts';

test('a boot mounts the file system that set-up found on the volume', () => {
  const files = serverFiles({ volume: { device: '/dev/disk/by-id/v', uuid: '1111-2222' } });
  const unit = files.find(({ path }) => path.endsWith('/haven-volume.service'));
  assert.match(unit?.text ?? '', /^ExecStart=.* mount-volume \/dev\/disk\/by-id\/v 1111-2222$/m);
});
