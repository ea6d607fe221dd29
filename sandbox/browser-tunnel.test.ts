import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tunnelCommands } from './browser-tunnel.ts';

test('leads the names of the cloud through a tunnel to the sandbox', () => {
  const tunnel = {
    address: 'https://me.mycloud.test/',
    hosts: ['me.mycloud.test', 'login.mycloud.test'],
    server: '10.77.0.9',
    machine: 'root@attic',
  };
  assert.deepEqual(tunnelCommands(tunnel), [
    'ssh -N -L 8443:10.77.0.9:443 root@attic',
    'chromium --user-data-dir=/tmp/haven-browser --ignore-certificate-errors --host-resolver-rules="MAP me.mycloud.test 127.0.0.1:8443, MAP login.mycloud.test 127.0.0.1:8443" https://me.mycloud.test/',
  ]);
});
