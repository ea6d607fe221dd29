import { waitUntil } from '../../../system/wait-until.ts';
import { tryDocker } from '../../machine/docker.ts';

/** Waits until a mail server in a container greets at a port (RFC 5321 §4.2). */
export async function waitForGreeting(what: string, container: string, port: number): Promise<void> {
  await waitUntil(what, async () => {
    const greeting = `exec 3<>/dev/tcp/127.0.0.1/${port} && read -t 5 line <&3 && echo "$line" && echo QUIT >&3`;
    const asked = await tryDocker(['exec', container, 'bash', '-c', greeting]);
    return asked.stdout.startsWith('220 ');
  });
}
