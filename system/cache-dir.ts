import { homedir } from 'node:os';
import { join } from 'node:path';

/** What is expensive to make and can be made again: engine, images. Keyed by what it is made from; safe to delete. */
export const cacheDir =
  process.env.HAVEN_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'openhaven');
