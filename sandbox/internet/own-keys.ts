import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateZoneKey } from '../dnssec/zone-key.ts';
import { keyFileName } from './config-files.ts';

/** The keys of some of our own zones, by zone, as PEM. Those that a folder lacks are made; a sandbox that is reset has others. */
export function loadOwnKeys(folder: string, zones: readonly string[]): Record<string, string> {
  mkdirSync(folder, { recursive: true });
  return Object.fromEntries(
    zones.map((zone) => {
      const file = join(folder, keyFileName(zone));
      if (!existsSync(file)) writeFileSync(file, generateZoneKey(), { mode: 0o600 });
      return [zone, readFileSync(file, 'utf8')];
    }),
  );
}
