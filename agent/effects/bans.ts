import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filterFile, jailFile, jailName, renderFilter, renderJail } from '../../core/bans/jail.ts';
import { canonical } from '../../core/release/release.ts';
import { withLock } from '../../system/with-lock.ts';
import { writeDurably } from '../store/bundle-store.ts';
import { crashPoint } from '../store/crash-point.ts';
import { damageOf } from '../store/damage.ts';
import { readJson, writeJson } from '../store/json-file.ts';
import type { Layout } from '../store/layout.ts';
import { loadBanTable } from './ban-table.ts';
import { currentReleases } from './current-releases.ts';
import { fail2banStart, reloadFail2ban, restartFail2ban } from './fail2ban.ts';
import { knownServices } from './services-in-maintenance.ts';

export const fail2banFolder = '/etc/fail2ban';

/** fail2ban's files by their paths below its folder: two for each service whose log lines mean failed logins. */
export function wantedJails(layout: Layout, folder = fail2banFolder): Map<string, string> {
  const files = new Map<string, string>();
  for (const { service, failedLogins } of currentReleases(layout)) {
    if (!failedLogins) continue;
    files.set(filterFile(service), renderFilter(service, failedLogins));
    files.set(jailFile(service), renderJail(service, failedLogins));
  }
  // What a damaged one should be is not known, so it stays as it is.
  const written = writtenJails(folder);
  for (const service of knownServices(layout))
    if (damageOf(layout, service) !== undefined)
      for (const path of [filterFile(service), jailFile(service)]) {
        const text = written.get(path);
        if (text !== undefined) files.set(path, text);
      }
  return files;
}

function writtenJails(folder: string): Map<string, string> {
  const paths = [filterFile('x'), jailFile('x')].map(dirname).flatMap((below) => {
    const names = existsSync(join(folder, below)) ? readdirSync(join(folder, below)) : [];
    return names.filter((name) => name.startsWith(jailName(''))).map((name) => `${below}/${name}`);
  });
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

/** Makes fail2ban's files of services exactly the wanted ones. */
export function writeJails(wanted: Map<string, string>, folder = fail2banFolder): void {
  const written = writtenJails(folder);
  for (const path of written.keys()) if (!wanted.has(path)) rmSync(join(folder, path));
  for (const [path, text] of wanted) {
    if (written.get(path) === text) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeDurably(join(folder, path), text);
  }
}

/**
 * Which start of fail2ban last read the files, and a digest of them. It is written after a reload, and lost at a boot,
 * which costs one more reload.
 */
interface Loaded {
  start: string;
  digest: string;
}
const loadedFile = (layout: Layout): string => join(layout.run, 'bans-loaded.json');

/**
 * Updates what fail2ban counts, and the firewall in which it bans, to match the releases that `current` points to. It is
 * reloaded only for a change. A fail2ban that is down or refuses its files does not undo a deploy: it is started
 * again, each minute until it runs, and meanwhile an alarm says so.
 */
export async function applyBans(layout: Layout, { hasNewSettings = false } = {}): Promise<void> {
  await withLock(join(layout.run, 'bans.lock'), async () => {
    // The sets have to exist before fail2ban bans, and until it no longer does.
    await loadBanTable(layout);
    const wanted = wantedJails(layout);
    writeJails(wanted);
    crashPoint('bans:written');
    const digest = createHash('sha256')
      .update(canonical([...wanted].sort()))
      .digest('hex');
    // Settings of the program itself are only read when it starts.
    const start = hasNewSettings ? undefined : await fail2banStart();
    const loaded = readJson<Loaded>(loadedFile(layout));
    if (start !== undefined && loaded?.start === start && loaded.digest === digest) return;
    if (!(await haveFilesRead(start))) return;
    const now = await fail2banStart();
    if (now === undefined) return;
    writeJson(loadedFile(layout), { start: now, digest } satisfies Loaded);
    await loadBanTable(layout, { isClean: true });
  });
}

/** Returns whether it did. If not, the reason is in the agent's log. */
async function haveFilesRead(start: string | undefined): Promise<boolean> {
  const attempts = start === undefined ? [restartFail2ban] : [reloadFail2ban, restartFail2ban];
  for (const attempt of attempts) {
    try {
      await attempt();
      return true;
    } catch (error) {
      process.stderr.write(
        `Guesses are not answered as they should be. ${(error as Error).message}\nThe server tries again each minute.\n`,
      );
    }
  }
  return false;
}
