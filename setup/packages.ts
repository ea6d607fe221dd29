import { existsSync } from 'node:fs';
import { run, tryRun } from '../system/run.ts';

/** A program that the sandbox needs on this machine, and the Debian package that brings it. */
export interface SystemNeed {
  program: string;
  package: string;
  why: string;
}

export const sandboxNeeds: SystemNeed[] = [
  { program: 'dockerd', package: 'docker.io', why: 'the sandbox servers are containers' },
  { program: 'mmdebstrap', package: 'mmdebstrap', why: 'builds their Debian 13' },
  { program: 'mkfs.btrfs', package: 'btrfs-progs', why: 'their disks' },
  { program: 'nft', package: 'nftables', why: "the sandbox data centre's firewall" },
  { program: 'iptables', package: 'iptables', why: "Docker's own network" },
  { program: 'ip', package: 'iproute2', why: 'their network' },
  { program: 'go', package: 'golang-go', why: 'builds the Pulumi engine, Caddy and other programs' },
];

export const browserNeeds: SystemNeed[] = [
  { program: 'chromium', package: 'chromium', why: 'opens what was built' },
  {
    program: 'certutil',
    package: 'libnss3-tools',
    why: "makes that browser trust the sandbox's certificates",
  },
];

export const testNeeds: SystemNeed[] = [
  { program: 'nmap', package: 'nmap', why: 'looks at the sandbox servers from outside' },
  { program: 'pg_ctlcluster', package: 'postgresql', why: "runs services' user hooks on their real tables" },
  { program: '/usr/sbin/sshd', package: 'openssh-server', why: 'is the storage that backups go to by SFTP' },
];

export async function missing(needs: SystemNeed[]): Promise<SystemNeed[]> {
  const there = await Promise.all(
    needs.map(async (need) => (await tryRun('sh', ['-c', `command -v ${need.program}`])).code === 0),
  );
  return needs.filter((_, index) => !there[index]);
}

/** Installs Debian packages. Throws an error that says what to do if this system is not Debian, or we are not root. */
export async function install(needs: SystemNeed[], onOutput: (text: string) => void): Promise<void> {
  if (needs.length === 0) return;
  const names = needs.map((each) => each.package);
  const isDebian = existsSync('/etc/debian_version');
  if (!isDebian || process.getuid?.() !== 0) {
    const remedy = isDebian
      ? `Run: sudo apt-get install ${names.join(' ')}`
      : `Install these programs: ${needs.map((each) => each.program).join(', ')}`;
    throw new Error(
      `Programs are missing on this machine, and only root on Debian can install them automatically. ${remedy}\nThen run the command again, as root.`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-q'], { env, onOutput, timeoutMs: 300_000 });
  await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...names], {
    env,
    onOutput,
    timeoutMs: 900_000,
  });
}
