import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, tryRun } from '../../system/run.ts';
import { applyMaintenance, checkUid } from '../effects/maintenance.ts';
import { writeDurably } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { serverFiles } from './server-files.ts';

/** Sets a Debian 13 up as a haven's server. Run again, it only changes what differs. */
export async function setUpServer(
  layout: Layout,
  { volumeDevice }: { volumeDevice: string | null },
): Promise<string[]> {
  const changed: string[] = [];
  await ensureUser(changed);
  if (volumeDevice) await mountVolume(layout, volumeDevice);
  mkdirSync(layout.journals, { recursive: true });
  mkdirSync(layout.routes, { recursive: true });
  mkdirSync(layout.tcpRoutes, { recursive: true });
  mkdirSync(layout.status, { recursive: true });
  mkdirSync(layout.certificates, { recursive: true });
  mkdirSync(layout.challenges, { recursive: true });

  const after = new Map<string, string[]>();
  for (const file of serverFiles({ volumeDevice })) {
    const there = existsSync(file.path) ? readFileSync(file.path, 'utf8') : undefined;
    if (there === file.text) continue;
    writeDurably(file.path, file.text, file.mode ?? 0o644);
    chmodSync(file.path, file.mode ?? 0o644);
    changed.push(file.path);
    if (file.apply) after.set(file.apply.join(' '), file.apply);
  }
  // systemd has to know the units before anything is restarted by name.
  const order = [...after.values()].sort(
    (a, b) => Number(b.includes('daemon-reload')) - Number(a.includes('daemon-reload')),
  );
  for (const [command, ...args] of order) await run(command!, args);
  if (changed.length > 0) {
    const units = [
      'haven-maintenance.service',
      'haven-recover.service',
      'haven-recover.timer',
      'haven-certificates.timer',
      'haven-users.timer',
      'haven-status.timer',
      ...(volumeDevice ? ['haven-volume.service'] : []),
    ];
    await run('systemctl', ['enable', '--quiet', ...units]);
    await run('systemctl', [
      'start',
      'haven-recover.timer',
      'haven-certificates.timer',
      'haven-users.timer',
      'haven-status.timer',
      'docker.service',
    ]);
  }
  await applyMaintenance(layout);
  return changed;
}

/** The user that runs health checks. Nobody can log in as it. */
async function ensureUser(changed: string[]): Promise<void> {
  if ((await tryRun('id', ['-u', 'haven-check'])).code === 0) return;
  const args = [
    '--system',
    '--uid',
    String(checkUid),
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
  ];
  await run('useradd', [...args, 'haven-check']);
  changed.push('user haven-check');
}

/** Mounts the volume. Creates a file system only on a blank device, and never anywhere else. */
export async function mountVolume(layout: Layout, device: string): Promise<void> {
  if ((await tryRun('mountpoint', ['-q', layout.root])).code === 0) return;
  for (let tries = 0; !existsSync(device); tries++) {
    if (tries > 240)
      throw new Error(
        `The volume ${device} is not attached to this server. Attach it, then run on the server: systemctl start haven-volume.service`,
      );
    await sleep(250);
  }
  const known = await tryRun('blkid', ['--probe', '--output', 'value', '--match-tag', 'TYPE', device]);
  const type = known.stdout.trim();
  if (known.code === 2) await run('mkfs.btrfs', ['--quiet', '--label', 'haven', device]);
  else if (type !== 'btrfs')
    throw new Error(
      `The volume ${device} holds "${type || 'something unknown'}", not a haven's data. Nothing was changed.`,
    );
  mkdirSync(layout.root, { recursive: true });
  await run('mount', ['-t', 'btrfs', '-o', 'noatime', device, layout.root]);
}
