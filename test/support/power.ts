import assert from 'node:assert/strict';
import { sandboxEnvironment } from '../../sandbox/environment.ts';

/** Switches a server on, at the data centre. */
export async function powerOn(machine: string): Promise<void> {
  const env = sandboxEnvironment();
  const id = machine.replace('server-', '');
  const answer = await fetch(`${env.HCLOUD_ENDPOINT}/servers/${id}/actions/poweron`, {
    method: 'POST',
    headers: { authorization: `Bearer ${env.HCLOUD_TOKEN}` },
  });
  assert.ok(answer.ok, await answer.text());
}
