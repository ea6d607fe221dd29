import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFiles } from './server-files.ts';

test('a boot mounts the file system that set-up found on the volume', () => {
  const files = serverFiles({ volume: { device: '/dev/disk/by-id/v', uuid: '1111-2222' } });
  const unit = files.find(({ path }) => path.endsWith('/haven-volume.service'));
  assert.match(unit?.text ?? '', /^ExecStart=.* mount-volume \/dev\/disk\/by-id\/v 1111-2222$/m);
});

test('every unit that runs the agent once has a time limit', () => {
  const files = serverFiles({ volume: { device: '/dev/disk/by-id/v', uuid: '1111-2222' } });
  const units = files.filter(({ text }) => text.includes('Type=oneshot'));
  const unlimited = units.filter(({ text }) => !/^TimeoutStartSec=\d+(min|h)?$/m.test(text));
  assert.equal(units.length, 10);
  assert.deepEqual(
    unlimited.map(({ path }) => path),
    [],
  );
});

test('Docker starts only after the firewall was loaded', () => {
  const text = (name: string) =>
    serverFiles({ volume: null }).find(({ path }) => path.endsWith(name))?.text ?? '';
  assert.match(text('docker.service.d/haven.conf'), /^Requires=haven-maintenance\.service$/m);
  assert.match(text('docker.service.d/haven.conf'), /^After=haven-maintenance\.service$/m);
  assert.match(text('haven-maintenance.service'), /^ExecStart=.*haven-agent maintenance$/m);
});

test('fail2ban may change the firewall and nothing else, and sees neither data nor secrets', () => {
  const { text } = serverFiles({ volume: null }).find(({ path }) =>
    path.endsWith('fail2ban.service.d/haven.conf'),
  )!;
  assert.match(text, /^CapabilityBoundingSet=CAP_NET_ADMIN$/m);
  assert.match(text, /^ProtectSystem=strict$/m);
  assert.match(text, /^InaccessiblePaths=-\/srv\/haven .*\/run\/docker\.sock/m);
});

test('the unit that sends alarms to the internet has no capability, and reaches Docker nowhere', () => {
  const { text } = serverFiles({ volume: null }).find(({ path }) => path.endsWith('/haven-alarms.service'))!;
  assert.match(text, /^CapabilityBoundingSet=$/m);
  assert.match(text, /^ProtectSystem=strict$/m);
  assert.match(text, /^InaccessiblePaths=-\/run\/docker\.sock -\/run\/containerd$/m);
});
