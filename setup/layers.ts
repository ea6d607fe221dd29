import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { RunOptions } from './run-tests.ts';

/**
 * Layers that take long, because something has to fail slowly, fill up or be built (Gitea takes longest), or because they need
 * another company's mail server or a real name server: `npm run test:long` runs them, and `.ci/run`. `npm test` has all others.
 */
const long = [
  'backup-repository',
  'backup-server',
  'backup-upload',
  'bans',
  'built-here',
  'dns-takeover',
  'gitea',
  'image-build',
  'mail',
  'mail-internet',
  'object-storage',
  'outgoing-ipv6',
  'quotas',
  'registries',
  'restore',
  'server-look',
  'zone-signing',
];

const isLong = (file: string): boolean => long.includes(basename(file, '.test.ts'));
const files = (): string[] => globSync('test/layers/*.test.ts').sort();

export const longLayers = (): string[] => files().filter(isLong);
export const shortLayers = (): string[] => files().filter((file) => !isLong(file));

/** They wait more than they compute. Each has servers of its own, which need memory. */
export const layersRun: RunOptions = { atOnce: Math.min(availableParallelism() * 2, 4), minutes: 15 };
