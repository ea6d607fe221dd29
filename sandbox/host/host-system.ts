import { existsSync, statfsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { cacheDir } from '../../system/cache-dir.ts';
import { sandboxDir } from './paths.ts';

/** The machine that a sandbox is to run on. */
export interface HostSystem {
  platform: NodeJS.Platform;
  isDebian: boolean;
  isRoot: boolean;
  memoryGb: number;
  freeDiskGb: number;
}

/** What a first start needs. */
export interface FirstStart {
  /** Debian packages that are missing, each with what it is for. */
  packages: { program: string; package: string; why: string }[];
  /** What all services of the first cloud and their system take at most. */
  memoryGb: number;
}

/** Measured with 2 cores, on a quiet and on a busy machine (docs/measured.md). */
const measured = {
  first: '10 to 40 minutes with 2 cores',
  later: '20 seconds to 2 minutes',
  diskGb: 13,
};

export function lookAtHost(): HostSystem {
  return {
    platform: process.platform,
    isDebian: existsSync('/etc/debian_version'),
    isRoot: process.getuid?.() === 0,
    memoryGb: totalmem() / 1024 ** 3,
    freeDiskGb: Math.min(...[cacheDir, sandboxDir].map(freeGb)),
  };
}

/** Free space for a folder that may not exist yet. */
function freeGb(folder: string): number {
  if (!existsSync(folder)) return freeGb(dirname(folder));
  const { bavail, bsize } = statfsSync(folder);
  return (bavail * bsize) / 1024 ** 3;
}

/** Why a sandbox can't run on this machine; `first` is left out where everything has been set up before. */
export function judgeHost(host: HostSystem, command: string, first?: FirstStart): Problem[] {
  const problem = (what: string, remedy: string): Problem => ({
    where: command,
    what: `${what} Nothing was changed.`,
    remedy,
  });
  if (host.platform !== 'linux') return [problem(...notLinux(host.platform))];
  const problems: Problem[] = [];
  if (!host.isRoot)
    problems.push(
      problem(
        'the sandbox needs root: its servers are containers with networks and disks.',
        'Run it with sudo.',
      ),
    );
  if (!first) return problems;
  const { packages, memoryGb } = first;
  if (packages.length > 0 && !host.isDebian)
    problems.push(
      problem(
        `programs are missing, and they are installed automatically on Debian only: ${packages.map((each) => each.program).join(', ')}.`,
        'Install them, then run the command again.',
      ),
    );
  if (host.freeDiskGb < measured.diskGb)
    problems.push(
      problem(
        `the sandbox takes ${measured.diskGb} GB of disk, and ${shown(host.freeDiskGb)} GB are free below ${sandboxDir}.`,
        'Free some space, or set HAVEN_CACHE and HAVEN_SANDBOX_HOME to folders on a larger disk.',
      ),
    );
  if (host.memoryGb < memoryGb)
    problems.push(
      problem(
        `its programs take up to ${shown(memoryGb)} GB of memory, and this machine has ${shown(host.memoryGb)} GB.`,
        'Use a machine with more memory.',
      ),
    );
  return problems;
}

function notLinux(platform: NodeJS.Platform): [what: string, remedy: string] {
  if (platform !== 'darwin') return ['the sandbox needs Linux.', 'On Windows, run it inside WSL 2.'];
  return [
    'the sandbox needs Linux, and this is macOS.',
    [
      'Run it in a virtual machine: brew install lima',
      'limactl start --name haven --cpus 2 --memory 6 --disk 40 template://debian-12',
      'limactl shell haven   There, run it again with sudo. haven init, plan and up work on macOS itself.',
    ].join('   '),
  ];
}

/** What a first start sets up, how long it takes, and what it needs: shown before it is asked for. */
export function describeFirstStart(host: HostSystem, { packages, memoryGb }: FirstStart): string[] {
  const names = packages.map((each) => each.package).join(' ');
  return [
    'The first start sets up, once:',
    ...packages.map((each) => `  - the Debian package ${each.package}: ${each.why}`),
    '  - the Pulumi engine, Debian 13, Keycloak, Caddy and other programs, most of them built here',
    `It takes ${measured.first}. Later starts take ${measured.later}.`,
    `It needs ${measured.diskGb} GB of disk (${shown(host.freeDiskGb)} GB are free) and up to ${shown(memoryGb)} GB of memory (this machine has ${shown(host.memoryGb)} GB).`,
    `Everything but the packages is stored in ${cacheDir} and ${sandboxDir}. The file store.btrfs is listed with 60 GB, but takes only what is in it.`,
    `To remove it again, run: haven sandbox reset --purge${names === '' ? '' : `   Then: apt-get remove ${names}`}`,
  ];
}

const shown = (gb: number): string => (gb >= 10 ? gb.toFixed(0) : gb.toFixed(1));
