import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../system/run.ts';
import { webRootsFile } from './host/paths.ts';
import { dig } from './internet/internet.ts';

/** How a Chromium is started that resolves the sandbox's names and trusts its authority, in a profile of its own. */
export interface BrowserProfile {
  home: string;
  args: string[];
}

export async function browserProfile(hosts: string[]): Promise<BrowserProfile> {
  const home = mkdtempSync(join(tmpdir(), 'haven-browser-'));
  const database = join(home, '.pki', 'nssdb');
  mkdirSync(database, { recursive: true });
  await run('certutil', ['-d', `sql:${database}`, '-N', '--empty-password']);
  await run('certutil', [
    '-d',
    `sql:${database}`,
    '-A',
    '-t',
    'C,,',
    '-n',
    'OpenHaven sandbox',
    '-i',
    webRootsFile,
  ]);
  const rules: string[] = [];
  for (const host of hosts) {
    const address = (await dig(host, 'A')).split('\n')[0];
    if (address) rules.push(`MAP ${host} ${address}`);
  }
  const quiet = [
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return {
    home,
    args: [
      `--host-resolver-rules=${rules.join(', ')}`,
      `--user-data-dir=${join(home, 'profile')}`,
      ...quiet,
      ...sandbox,
    ],
  };
}
