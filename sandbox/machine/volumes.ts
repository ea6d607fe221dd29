import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { run } from '../../system/run.ts';
import { sandboxDir } from '../host/paths.ts';
import { containerName } from './container-name.ts';
import { docker, tryDocker } from './docker.ts';

const volumeFile = (volumeId: string): string => join(sandboxDir, 'volumes', `${volumeId}.img`);

/** A volume is a sparse file, which has its full size from the beginning. */
export function createVolume(volumeId: string, sizeGb: number): void {
  mkdirSync(join(sandboxDir, 'volumes'), { recursive: true });
  writeFileSync(volumeFile(volumeId), '', { flag: 'wx' });
  truncateSync(volumeFile(volumeId), sizeGb * 1024 ** 3);
}

/** Enlarges a volume. A server sees the new size at once, while it uses the volume. */
export async function resizeVolume(volumeId: string, sizeGb: number): Promise<void> {
  const file = volumeFile(volumeId);
  truncateSync(file, sizeGb * 1024 ** 3);
  const used = await run('losetup', ['--associated', file, '--output', 'NAME', '--noheadings']);
  for (const loop of used.stdout.split('\n').filter(Boolean)) await run('losetup', ['--set-capacity', loop]);
}

export function removeVolume(volumeId: string): void {
  rmSync(volumeFile(volumeId), { force: true });
}

/** Attaches a volume to a machine. Returns its path there, which is the one that Hetzner uses. */
export async function attachVolume(id: string, volumeId: string): Promise<string> {
  mkdirSync(attachedFolder(id), { recursive: true });
  writeFileSync(join(attachedFolder(id), volumeId), '');
  const loop = await loopOf(id, volumeId);
  const running = await tryDocker(['inspect', '-f', '{{.State.Running}}', containerName(id)]);
  if (running.stdout.trim() === 'true') await showDevice(id, volumeId, loop);
  return devicePath(volumeId);
}

export async function detachVolume(id: string, volumeId: string): Promise<void> {
  if (!volumesOf(id).includes(volumeId)) return;
  await freeLoop(id, volumeId);
  await tryDocker(['exec', containerName(id), 'rm', '-f', devicePath(volumeId)]);
  rmSync(join(attachedFolder(id), volumeId));
}

export const devicePath = (volumeId: string): string => `/dev/disk/by-id/scsi-0HC_Volume_${volumeId}`;

/** The folder with a file for each volume that is attached to a machine, holding the name of its loop device. */
const attachedFolder = (id: string): string => join(sandboxDir, 'machines', id, 'volumes');

/** The volumes that are attached to a machine. */
export function volumesOf(id: string): string[] {
  return existsSync(attachedFolder(id)) ? readdirSync(attachedFolder(id)) : [];
}

/** The loop device of an attached volume. A new one if the host has lost it, as in a reboot. */
export async function loopOf(id: string, volumeId: string): Promise<string> {
  const file = join(attachedFolder(id), volumeId);
  const known = readFileSync(file, 'utf8');
  const used = await run('losetup', [
    '--associated',
    volumeFile(volumeId),
    '--output',
    'NAME',
    '--noheadings',
  ]);
  if (known !== '' && used.stdout.split('\n').includes(known)) return known;
  const loop = (await run('losetup', ['--find', '--show', volumeFile(volumeId)])).stdout.trim();
  writeFileSync(file, loop);
  return loop;
}

/** Releases the loop device of an attached volume, for as long as its machine is stopped or when it is detached. */
export async function freeLoop(id: string, volumeId: string): Promise<void> {
  const file = join(attachedFolder(id), volumeId);
  const loop = readFileSync(file, 'utf8');
  if (loop !== '') await run('losetup', ['-d', loop]);
  writeFileSync(file, '');
}

/** Creates the volume's device file in a running machine, at the path that Hetzner uses. */
export async function showDevice(id: string, volumeId: string, loop: string): Promise<void> {
  const minor = loop.replace('/dev/loop', '');
  const path = devicePath(volumeId);
  await docker([
    'exec',
    containerName(id),
    'sh',
    '-c',
    `mkdir -p /dev/disk/by-id && rm -f ${path} && mknod ${path} b 7 ${minor}`,
  ]);
}
