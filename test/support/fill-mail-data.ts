import assert from 'node:assert/strict';
import { tryOnMachine } from '../../sandbox/machine/machine.ts';
import { onServer, server } from './mail-lab.ts';

type Name = 'queue' | 'mailboxes';
const data = '/srv/haven/services/mail/data';

/** Takes the space that is left in one of mail's data. The server raises a limit that is met, once, from its reserve. */
export async function fillMailData(name: Name): Promise<void> {
  const file = `${data}/${name}/ballast`;
  const script = `head -c 3000M /dev/zero >> ${file}; sync ${file}`;
  assert.match((await tryOnMachine(server.id, ['bash', '-c', script])).stderr, /Disk quota exceeded/);
}

export const freeMailData = (name: Name) =>
  onServer('bash', '-c', `rm -f ${data}/${name}/ballast; sync -f ${data}/${name}`);
