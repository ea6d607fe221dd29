import { ensureMachineImage } from '../../sandbox/images/images.ts';
import { docker, tryDocker } from '../../sandbox/machine/docker.ts';
import { giveIpv6, network } from '../../sandbox/machine/network.ts';

/**
 * Starts a computer on the sandbox's internet; one that is there ends first. It is a container, which ends with the sandbox. Without
 * an IPv6 address it has no IPv6 at all, and so no address of its own making a second or two later (RFC 4862 §5.4).
 */
export async function startComputer(
  name: string,
  { ipv4, ipv6 }: { ipv4: string; ipv6?: string },
): Promise<void> {
  await tryDocker(['rm', '-f', name]);
  const { reference } = await ensureMachineImage();
  const families = ['--sysctl', `net.ipv6.conf.all.disable_ipv6=${ipv6 ? 0 : 1}`];
  const label = ['--label', 'openhaven.sandbox=visitor'];
  const place = ['--network', network.name, '--ip', ipv4, '--dns', network.internetIpv4];
  await docker([
    'run',
    '-d',
    '--name',
    name,
    ...label,
    ...families,
    ...place,
    reference,
    'sleep',
    'infinity',
  ]);
  if (ipv6) await giveIpv6(name, ipv6);
}

export async function computerRuns(name: string): Promise<boolean> {
  const { stdout } = await tryDocker(['inspect', '-f', '{{.State.Running}}', name]);
  return stdout.trim() === 'true';
}
