import { addedPackages } from '../../core/server-packages.ts';
import { RunError, run, tryRun } from '../../system/run.ts';

/** unattended-upgrades may hold apt's lock for minutes. */
const lockSeconds = 300;
const aptMs = 15 * 60_000;

/**
 * Installs what a server lacks that was made before haven needed it. A new one has it from its first boot
 * (components/cloud-init.ts). Returns what was installed.
 */
export async function ensurePackages(packages = addedPackages): Promise<string[]> {
  const missing: string[] = [];
  for (const name of packages) if (!(await isInstalled(name))) missing.push(name);
  if (missing.length === 0) return [];
  const apt = ['-q', '-o', `DPkg::Lock::Timeout=${lockSeconds}`];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await run('apt-get', [...apt, 'update'], { env, timeoutMs: aptMs });
    const install = ['install', '-y', '--no-install-recommends', ...missing];
    await run('apt-get', [...apt, ...install], { env, timeoutMs: aptMs });
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    throw new Error(
      `The server could not install ${missing.join(' and ')}: ${error.message}\nCheck that it reaches Debian's archive and that its disk is not full, then run: haven up`,
    );
  }
  return missing.map((name) => `package ${name}`);
}

async function isInstalled(name: string): Promise<boolean> {
  const format = ['--show', '--showformat', '${db:Status-Status}'];
  const { code, stdout } = await tryRun('dpkg-query', [...format, name]);
  return code === 0 && stdout === 'installed';
}
