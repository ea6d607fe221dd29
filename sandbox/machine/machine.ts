import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunOptions, type RunResult, run } from '../../system/run.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { dnsRootFolder, sandboxDir, trustFile, webRootsFile } from '../host/paths.ts';
import { callerCapabilities } from './capabilities.ts';
import { containerName } from './container-name.ts';
import { docker, tryDocker } from './docker.ts';
import { giveIpv6, network } from './network.ts';
import { removeSubvolume, snapshot, storeDir } from './store.ts';
import { detachVolume, freeLoop, loopOf, showDevice, volumesOf } from './volumes.ts';

/**
 * A sandbox server: Debian 13 with systemd, SSH, cloud-init and a Docker of its own, in a container. It gets the
 * capabilities that its caller has and not `--privileged`, which fails wherever the caller lacks one.
 */
export interface MachineSpec {
  /** Unique on this machine; the container is called `haven-sandbox-<id>`. */
  id: string;
  hostname: string;
  image: string;
  ipv4?: string;
  ipv6?: string;
  userData?: string;
  /** A prepared /var/lib/docker in the store, holding images; empty when left out. */
  imagesFrom?: string;
}

export async function createMachine(spec: MachineSpec): Promise<void> {
  const name = containerName(spec.id);
  const folder = join(sandboxDir, 'machines', spec.id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'resolv.conf'),
    `nameserver ${network.internetIpv4}\noptions timeout:2 attempts:3\n`,
  );
  if (spec.ipv6) writeFileSync(join(folder, 'ipv6'), spec.ipv6);
  const disk = join(storeDir, 'machines', spec.id);
  if (spec.imagesFrom) await snapshot(spec.imagesFrom, disk);
  else await run('btrfs', ['subvolume', 'create', disk]);

  const cgroup2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
  await docker([
    ...['create', '--name', name, '--hostname', spec.hostname, '--label', 'openhaven.sandbox=machine'],
    ...['--network', network.name],
    ...(spec.ipv4 ? ['--ip', spec.ipv4] : []),
    ...['--cap-drop', 'ALL', ...callerCapabilities().flatMap((each) => ['--cap-add', each])],
    ...['--security-opt', 'seccomp=unconfined', '--security-opt', 'apparmor=unconfined'],
    ...['--security-opt', 'systempaths=unconfined', '--device-cgroup-rule', 'a *:* rwm'],
    ...['--tmpfs', '/run', '--tmpfs', '/run/lock', '--tmpfs', '/tmp'],
    ...['-v', `${disk}:/var/lib/docker`, '-v', `${join(folder, 'resolv.conf')}:/etc/resolv.conf`],
    ...(cgroup2 ? ['--cgroupns', 'private'] : []),
    ...['-v', '/sys/fs/cgroup:/sys/fs/cgroup:rw', '-e', 'container=docker'],
    ...(cgroup2 ? [] : ['-e', 'SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1']),
    ...['--sysctl', 'net.ipv6.conf.all.disable_ipv6=0', '--sysctl', 'net.ipv6.conf.all.accept_dad=0'],
    ...['--stop-signal', 'SIGRTMIN+3', spec.image, '/sbin/init'],
  ]);
  const seed = join(folder, 'seed');
  const nocloud = join(seed, 'var/lib/cloud/seed/nocloud');
  mkdirSync(nocloud, { recursive: true });
  writeFileSync(join(nocloud, 'meta-data'), `instance-id: ${spec.id}\nlocal-hostname: ${spec.hostname}\n`);
  writeFileSync(join(nocloud, 'user-data'), spec.userData ?? '#cloud-config\n{}\n', { mode: 0o600 });
  await docker(['cp', `${seed}/.`, `${name}:/`]);
}

/** Starts a machine and waits until systemd is running, but not until cloud-init has finished. */
export async function startMachine(id: string): Promise<void> {
  for (const volumeId of volumesOf(id)) await loopOf(id, volumeId);
  await trustWebNames(id);
  await giveDnsRoot(id);
  await docker(['start', containerName(id)]);
  const ipv6File = join(sandboxDir, 'machines', id, 'ipv6');
  if (existsSync(ipv6File)) await giveIpv6(containerName(id), readFileSync(ipv6File, 'utf8'));
  for (const volumeId of volumesOf(id)) await showDevice(id, volumeId, await loopOf(id, volumeId));
  await waitUntil(
    `the init of machine ${id}`,
    async () => {
      const state = await tryDocker(['exec', containerName(id), 'systemctl', 'is-system-running']);
      return /running|degraded|starting/.test(state.stdout) || undefined;
    },
    { timeoutMs: 30_000, everyMs: 50 },
  );
  await trustSandboxAuthorities(id);
}

/** Puts the sandbox's DNS root where Debian's package dns-root-data has the real one, for resolvers that begin at the root. */
async function giveDnsRoot(id: string): Promise<void> {
  if (!existsSync(dnsRootFolder)) return;
  await docker(['cp', `${dnsRootFolder}/.`, `${containerName(id)}:/usr/share/dns`]);
}

/**
 * Adds the authority of the names that the sandbox serves (registries, object storage) to those that Debian trusts, where
 * programs written in Go look. Docker reads them once, when it starts, so this is done before.
 */
async function trustWebNames(id: string): Promise<void> {
  if (!existsSync(trustFile)) return;
  await docker(['cp', trustFile, `${containerName(id)}:/etc/ssl/certs/haven-sandbox.pem`]);
}

/** Adds both authorities of the sandbox, the one for clouds' certificates too, to the file of all that Debian trusts. */
async function trustSandboxAuthorities(id: string): Promise<void> {
  const added = [webRootsFile, trustFile].filter((file) => existsSync(file));
  if (added.length === 0) return;
  const bundle = '/etc/ssl/certs/ca-certificates.crt';
  const script = `cp -n ${bundle} ${bundle}.debian; cat ${bundle}.debian - > ${bundle}.new && mv ${bundle}.new ${bundle}`;
  await onMachine(id, ['sh', '-c', script], {
    input: added.map((file) => readFileSync(file, 'utf8')).join(''),
  });
}

/** Shuts a machine down in an orderly way (ACPI shutdown). */
export async function stopMachine(id: string): Promise<void> {
  await docker(['stop', '-t', '30', containerName(id)]);
}

/** Whether this machine exists, running or not. */
export async function hasMachine(id: string): Promise<boolean> {
  return (await tryDocker(['inspect', containerName(id)])).code === 0;
}

/** Shuts every machine down and releases its loop devices. The machines are kept for the next start. */
export async function shutDownMachines(): Promise<void> {
  const folder = join(sandboxDir, 'machines');
  await Promise.all(
    (existsSync(folder) ? readdirSync(folder) : []).map(async (id) => {
      if (await hasMachine(id)) await stopMachine(id);
      for (const volumeId of volumesOf(id)) await freeLoop(id, volumeId);
    }),
  );
}

/** Kills every process of a machine at once. Unlike in a power cut, what they wrote still reaches the disk. */
export async function killMachine(id: string): Promise<void> {
  await docker(['kill', '-s', 'KILL', containerName(id)]);
}

export async function removeMachine(id: string): Promise<void> {
  const removed = await tryDocker(['rm', '-f', '-v', containerName(id)]);
  if (removed.code !== 0 && !/No such container/.test(removed.stderr)) throw new Error(removed.stderr.trim());
  for (const volumeId of volumesOf(id)) await detachVolume(id, volumeId);
  await removeSubvolume(join(storeDir, 'machines', id));
  rmSync(join(sandboxDir, 'machines', id), { recursive: true, force: true });
}

/** Runs a command on the machine as root. */
export async function onMachine(id: string, command: string[], options?: RunOptions): Promise<RunResult> {
  return docker(['exec', '-i', containerName(id), ...command], options);
}

/** Like {@link onMachine}, but returns the result of a command that fails, too. */
export async function tryOnMachine(id: string, command: string[], options?: RunOptions): Promise<RunResult> {
  return tryDocker(['exec', '-i', containerName(id), ...command], options);
}
