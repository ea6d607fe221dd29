import { ensureMachineImage } from '../../sandbox/images/images.ts';
import { docker, tryDocker } from '../../sandbox/machine/docker.ts';
import { giveIpv6, network } from '../../sandbox/machine/network.ts';

export interface Computer {
  /** Docker chooses one where it is left out. */
  ipv4?: string;
  /**
   * Without one it has no IPv6 at all, and so no address that it gives itself a second or two after its start
   * (RFC 4862 §5.4).
   */
  ipv6?: string;
  /** More options of `docker run`. */
  options?: string[];
  /** The image and its command; that of a server, doing nothing, where it is left out. */
  program?: string[];
}

/** Starts a computer on the sandbox's internet; one of that name ends first. It is a container, which ends with the sandbox. */
export async function startComputer(
  name: string,
  { ipv4, ipv6, options = [], program }: Computer,
): Promise<void> {
  await tryDocker(['rm', '-f', name]);
  await docker([
    ...['run', '-d', '--name', name, '--label', 'openhaven.sandbox=visitor'],
    ...['--network', network.name, ...(ipv4 ? ['--ip', ipv4] : [])],
    ...['--sysctl', `net.ipv6.conf.all.disable_ipv6=${ipv6 ? 0 : 1}`, ...options],
    ...(program ?? [(await ensureMachineImage()).reference, 'sleep', 'infinity']),
  ]);
  if (ipv6) await giveIpv6(name, ipv6);
}

export async function computerRuns(name: string): Promise<boolean> {
  const { stdout } = await tryDocker(['inspect', '-f', '{{.State.Running}}', name]);
  return stdout.trim() === 'true';
}
