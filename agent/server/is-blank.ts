import { closeSync, openSync, readSync } from 'node:fs';

const mib = 1024 ** 2;

/**
 * What has to be empty on a blank device. btrfs has its superblock at 64 KiB, with copies at 64 MiB and 256 GiB
 * (BTRFS_SUPER_MIRROR_MAX, fs/btrfs/fs.h); every other file system has something in the first 128 MiB.
 */
const probed = [
  { from: 0, bytes: 128 * mib },
  { from: 256 * 1024 * mib, bytes: 4096 },
];

/** Whether a device was never used: only zeros wherever a file system or a copy of its superblock begins. */
export function isBlank(device: string): boolean {
  const handle = openSync(device, 'r');
  try {
    return probed.every(({ from, bytes }) => isZero(handle, from, bytes));
  } finally {
    closeSync(handle);
  }
}

function isZero(handle: number, from: number, bytes: number): boolean {
  const chunk = Buffer.alloc(Math.min(mib, bytes));
  const zeros = Buffer.alloc(chunk.length);
  for (let at = 0; at < bytes; ) {
    const length = readSync(handle, chunk, 0, chunk.length, from + at);
    if (length === 0) return true;
    if (!chunk.subarray(0, length).equals(zeros.subarray(0, length))) return false;
    at += length;
  }
  return true;
}
