import type { DependencyNetwork } from '../../core/release/dependency-network.ts';
import type { Release } from '../../core/release/release.ts';
import { run, tryRun } from '../../system/run.ts';
import { containersOf } from './containers.ts';

/**
 * Creates the networks of a release to what it depends on, and connects those services. Each network is internal:
 * otherwise Docker may publish a service's ports through it, past the service's own bridge, which is the one that a
 * trial closes (libnetwork picks the first network by name that leads out).
 */
export async function ensureDependencyNetworks({ service, dependsOn = [] }: Release): Promise<void> {
  for (const network of dependsOn) {
    if ((await tryRun('docker', ['network', 'inspect', network.name])).code !== 0)
      await create(service, network);
    await connect(network.to, network.name);
  }
}

/** Connects a service that has just started to the networks of those who depend on it. */
export async function connectToDependents(service: string): Promise<void> {
  for (const network of await networksWith('to', service)) await connect(service, network);
}

/** Removes the networks of a service to what it no longer depends on. */
export async function removeDependencyNetworks(
  service: string,
  keep: DependencyNetwork[] = [],
): Promise<void> {
  for (const name of await networksWith('from', service)) {
    if (keep.some((each) => each.name === name)) continue;
    const { stdout } = await run('docker', [
      ...['network', 'inspect', '--format', '{{range $id, $container := .Containers}}{{$id}}\n{{end}}', name],
    ]);
    for (const id of stdout.split('\n').filter(Boolean))
      await run('docker', ['network', 'disconnect', '--force', name, id]);
    await run('docker', ['network', 'rm', name]);
  }
}

async function create(from: string, { to, name, bridge }: DependencyNetwork): Promise<void> {
  const interfaceName = ['--opt', `com.docker.network.bridge.name=${bridge}`];
  const labels = ['--label', `${label.from}=${from}`, '--label', `${label.to}=${to}`];
  await run('docker', ['network', 'create', '--internal', ...interfaceName, ...labels, name]);
}

/** How a network is found again from either side. */
const label = { from: 'haven.from', to: 'haven.to' } as const;

async function networksWith(side: keyof typeof label, service: string): Promise<string[]> {
  const filter = ['--filter', `label=${label[side]}=${service}`];
  const { stdout } = await run('docker', ['network', 'ls', ...filter, '--format', '{{.Name}}']);
  return stdout.split('\n').filter(Boolean);
}

/** Connects the programs of a service, not its database. */
async function connect(service: string, network: string): Promise<void> {
  const format = '{{range $name, $network := .NetworkSettings.Networks}}{{$name}}\n{{end}}';
  for (const { id, name, isOnce } of await containersOf(service)) {
    if (isOnce || name === 'db') continue;
    const { stdout } = await run('docker', ['inspect', '--format', format, id]);
    if (stdout.split('\n').includes(network)) continue;
    await run('docker', ['network', 'connect', '--alias', service, network, id]);
  }
}
