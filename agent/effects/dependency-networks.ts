import { authProxy } from '../../core/release/auth-proxy.ts';
import type { DependencyNetwork } from '../../core/release/dependency-network.ts';
import { oneShotLabel } from '../../core/release/one-shot-label.ts';
import type { Release } from '../../core/release/release.ts';
import { run, tryRun } from '../../system/run.ts';
import { type Container, containersOf, projectOf } from './containers.ts';

/**
 * Creates the networks of a release to what it depends on, and connects those services. Each network is internal:
 * otherwise Docker may publish a service's ports through it, past the service's own bridge, which is the one that a
 * trial closes (libnetwork picks the first network by name that leads out).
 */
export async function ensureDependencyNetworks({ service, dependsOn = [] }: Release): Promise<void> {
  for (const network of dependsOn) {
    const existing = await readNetwork(network.name);
    const isRight = existing?.isInternal && existing.toPrograms === toProgramsLabel(network);
    if (existing && !isRight) await remove(network.name);
    if (!isRight) await create(service, network);
    await connect(network.to, network.name, isReached(network.toPrograms), aliasAt(network));
  }
}

/** Connects the programs of a release that is running to what it depends on, where something has disconnected them. */
export async function connectToDependencies({ service, dependsOn = [] }: Release): Promise<void> {
  for (const network of dependsOn) await connect(service, network.name, isUsing(network), () => service);
}

/** Connects a service that has just started to the networks of those who depend on it. */
export async function connectToDependents(service: string): Promise<void> {
  for (const { name, toPrograms } of await networksWith('to', service)) {
    const programs = toPrograms === '' ? undefined : toPrograms.split(',');
    await connect(service, name, isReached(programs), aliasAt({ to: service, toPrograms: programs }));
  }
}

/** Removes the networks of a service to what it no longer depends on. */
export async function removeDependencyNetworks(
  service: string,
  keep: DependencyNetwork[] = [],
): Promise<void> {
  for (const { name } of await networksWith('from', service)) {
    if (keep.some((each) => each.name === name)) continue;
    await remove(name);
  }
}

/** A network as Docker has it. */
export interface SeenNetwork {
  name: string;
  isInternal: boolean;
}

/** A container, whether it runs or not, with the networks that it is connected to. */
export interface ConnectedContainer extends Pick<Container, 'name' | 'isOnce'> {
  service: string;
  networks: string[];
}

/**
 * Which networks to what these releases depend on are not as they should be, for people to read, by service. Docker is
 * asked once for all. A service that is being changed, which `isSettled` tells, says nothing.
 */
export async function lookAtNetworks(
  releases: Release[],
  isSettled: (service: string) => boolean,
): Promise<Map<string, string[]>> {
  if (releases.every(({ dependsOn = [] }) => dependsOn.length === 0)) return new Map();
  const [networks, containers] = await Promise.all([listNetworks(), listConnected()]);
  return new Map(
    releases.map(({ service, dependsOn = [] }) => [
      service,
      dependsOn
        .filter(({ to }) => isSettled(to))
        .flatMap((network) => networkProblem(service, network, { networks, containers }) ?? []),
    ]),
  );
}

/** What is wrong with the network of a service to what it depends on; undefined when nothing is. */
export function networkProblem(
  service: string,
  used: DependencyNetwork,
  { networks, containers }: { networks: SeenNetwork[]; containers: ConnectedContainer[] },
): string | undefined {
  const { name, to } = used;
  const what = `its network to ${to}`;
  const network = networks.find((each) => each.name === name);
  if (!network) return `${what} (missing)`;
  if (!network.isInternal) return `${what} (open to the internet)`;
  const isApart = (each: ConnectedContainer) => !each.networks.includes(name);
  const apart = [
    ...containers.filter((each) => each.service === service && isUsing(used)(each) && isApart(each)),
    ...containers.filter((each) => each.service === to && isReached(used.toPrograms)(each) && isApart(each)),
  ];
  if (apart.length === 0) return undefined;
  return `${what} (not connected: ${apart.map((each) => `${each.service} ${each.name}`).join(', ')})`;
}

async function listNetworks(): Promise<SeenNetwork[]> {
  const format = '{{.Name}}\t{{.Internal}}';
  const { stdout } = await run('docker', ['network', 'ls', '--no-trunc', '--format', format]);
  return linesOf(stdout).map(([name = '', internal]) => ({ name, isInternal: internal === 'true' }));
}

async function listConnected(): Promise<ConnectedContainer[]> {
  const label = (name: string) => `{{.Label "${name}"}}`;
  const [once] = oneShotLabel.split('=');
  const labels = ['com.docker.compose.project', 'com.docker.compose.service', once!].map(label);
  const format = [...labels, '{{.Networks}}'].join('\t');
  const lasting = ['--filter', 'label=com.docker.compose.oneoff=False'];
  const { stdout } = await run('docker', ['ps', '--all', '--no-trunc', ...lasting, '--format', format]);
  const prefix = projectOf('');
  return linesOf(stdout).flatMap(([project = '', name = '', label = '', networks = '']) =>
    project.startsWith(prefix)
      ? [{ service: project.slice(prefix.length), name, isOnce: label !== '', networks: networks.split(',') }]
      : [],
  );
}

const linesOf = (stdout: string): string[][] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'));

/** Whether a network leads nowhere else, and what its label says; undefined where there is no such network. */
async function readNetwork(name: string): Promise<{ isInternal: boolean; toPrograms: string } | undefined> {
  const format = `{{.Internal}}\t{{index .Labels "${label.toPrograms}"}}`;
  const shown = await tryRun('docker', ['network', 'inspect', '--format', format, name]);
  if (shown.code !== 0) return undefined;
  const [isInternal, toPrograms = ''] = shown.stdout.trimEnd().split('\t');
  return { isInternal: isInternal === 'true', toPrograms };
}

/** A container that is stopped would not start again with a network that is gone, so it is disconnected, too. */
async function remove(name: string): Promise<void> {
  const { stdout } = await run('docker', ['ps', '--all', '--quiet', '--filter', `network=${name}`]);
  for (const id of stdout.split('\n').filter(Boolean))
    await run('docker', ['network', 'disconnect', '--force', name, id]);
  await run('docker', ['network', 'rm', name]);
}

async function create(from: string, network: DependencyNetwork): Promise<void> {
  const { to, name, bridge } = network;
  const interfaceName = ['--opt', `com.docker.network.bridge.name=${bridge}`];
  const labels = [
    `${label.from}=${from}`,
    `${label.to}=${to}`,
    ...(network.toPrograms ? [`${label.toPrograms}=${toProgramsLabel(network)}`] : []),
  ].flatMap((each) => ['--label', each]);
  await run('docker', ['network', 'create', '--internal', ...interfaceName, ...labels, name]);
}

/** How a network is found again from either side, and which containers of the dependency are on it. */
const label = { from: 'haven.from', to: 'haven.to', toPrograms: 'haven.to-programs' } as const;
const toProgramsLabel = ({ toPrograms = [] }: DependencyNetwork): string => toPrograms.join(',');

async function networksWith(
  side: 'from' | 'to',
  service: string,
): Promise<{ name: string; toPrograms: string }[]> {
  const filter = ['--filter', `label=${label[side]}=${service}`];
  const format = `{{.Name}}\t{{.Label "${label.toPrograms}"}}`;
  const { stdout } = await run('docker', ['network', 'ls', ...filter, '--format', format]);
  return linesOf(stdout).map(([name = '', toPrograms = '']) => ({ name, toPrograms }));
}

type Named = Pick<Container, 'name' | 'isOnce'>;

/** The programs of a service that others reach: not its database. */
const isProgram = ({ name, isOnce }: Named): boolean => !isOnce && name !== 'db';
/** Its programs that reach what it depends on. The auth proxy beside them has nothing to do there. */
const isOwnProgram = (each: Named): boolean => isProgram(each) && each.name !== authProxy;
/** Of these, those that use a network. */
const isUsing =
  ({ programs }: DependencyNetwork) =>
  (each: Named): boolean =>
    isOwnProgram(each) && (programs === undefined || programs.includes(each.name));

/** Which programs of a dependency are on its network with another service: all, or those that are named. */
const isReached =
  (programs: string[] | undefined) =>
  (each: Named): boolean =>
    isProgram(each) && (programs === undefined || programs.includes(each.name));
/** The name of a dependency's program on that network. */
const aliasAt =
  ({ to, toPrograms }: Pick<DependencyNetwork, 'to'> & { toPrograms?: string[] | undefined }) =>
  (program: string): string =>
    toPrograms ? program : to;

/** Connects the programs of a service, each under its name there. */
async function connect(
  service: string,
  network: string,
  isMeant: (each: Named) => boolean,
  aliasOf: (program: string) => string,
): Promise<void> {
  const format = '{{range $name, $network := .NetworkSettings.Networks}}{{$name}}\n{{end}}';
  for (const { id, name, isOnce } of await containersOf(service)) {
    if (!isMeant({ name, isOnce })) continue;
    const { stdout } = await run('docker', ['inspect', '--format', format, id]);
    if (stdout.split('\n').includes(network)) continue;
    await run('docker', ['network', 'connect', '--alias', aliasOf(name), network, id]);
  }
}
