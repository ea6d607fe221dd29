import { existsSync, readdirSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { Facts } from '../../core/alarms/find-conditions.ts';
import type { Entry } from '../../core/operations/entries.ts';
import { usedShare } from '../../core/operations/storage.ts';
import { RunError, tryRun } from '../../system/run.ts';
import { gatherBackupFacts } from '../backups/backup-facts.ts';
import type { SeenStatus } from '../checks/status.ts';
import { useOf } from '../data/free-space.ts';
import { fail2banStart } from '../effects/fail2ban.ts';
import { knownServices } from '../effects/services-in-maintenance.ts';
import { readWayMemory } from '../mail/mail-way.ts';
import { reachedLimits } from '../mail/reached-limits.ts';
import { readJournal } from '../store/journal.ts';
import { readJson } from '../store/json-file.ts';
import type { Layout } from '../store/layout.ts';

/** Docker's folder for images and containers (dockerd(8), data-root), on the server's own disk. */
const imagesFolder = '/var/lib/docker';

/**
 * One look at the server. It reads files, asks systemd, and opens the names of certificates as a visitor does. It does
 * not ask Docker: `haven-status.timer` does that, and leaves what it saw in a file.
 */
export async function gatherFacts(layout: Layout, now: number, reverseProxyPort = 443): Promise<Facts> {
  const mail = readWayMemory(layout);
  const seen = readJson<SeenStatus>(join(layout.status, 'status.json'));
  return {
    now,
    upSeconds: uptime(),
    failedUnits: await failedUnits(),
    isGuarding: await isGuarding(),
    status: seen ? { at: Date.parse(seen.at), services: seen.services } : null,
    journals: journals(layout),
    disks: [
      {
        name: 'volume',
        usedShare: usedShare(useOf(layout.root)),
        fix: 'Delete data that is no longer used, or raise server.diskGb in haven.yaml, then run: haven up',
      },
      {
        name: 'system disk',
        usedShare: usedShare(useOf(existsSync(imagesFolder) ? imagesFolder : '/')),
        fix: 'Remove services that you no longer use, or choose a server with a larger disk (server.type in haven.yaml), then run: haven up',
      },
      ...(seen?.data ?? []).map(({ service, name, usedShare }) => ({
        name: `quota of ${service}/${name}`,
        usedShare,
        fix: `Delete some of it, or raise services.${service}.quotaGb.${name} in haven.yaml, then run: haven up`,
      })),
    ],
    certificates: await servedCertificates(layout, reverseProxyPort),
    backups: gatherBackupFacts(layout),
    ...(mail ? { mail } : {}),
    ...(seen?.signatures ? { signatures: seen.signatures } : {}),
    overLimit: await reachedLimits(layout),
  };
}

/** Sends the alarms; sends backups, which are judged by what became of them: one failure is tried again. */
const judgedOtherwise = ['haven-alarms.service', 'haven-backup-upload.service'];

/** Null where systemd does not answer. Operations have units of their own, and are judged by their journals. */
async function failedUnits(): Promise<string[] | null> {
  const args = [
    'list-units',
    '--state=failed',
    '--plain',
    '--no-legend',
    'haven-*.service',
    'docker.service',
  ];
  const { code, stdout } = await tryRun('systemctl', args, { timeoutMs: 20_000 });
  if (code !== 0) return null;
  return stdout
    .split('\n')
    .flatMap((line) => line.trim().split(/\s+/)[0] || [])
    .filter((unit) => !unit.startsWith('haven-op-') && !judgedOtherwise.includes(unit));
}

async function isGuarding(): Promise<boolean | null> {
  try {
    return (await fail2banStart()) !== undefined;
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    return null;
  }
}

const journals = (layout: Layout): Record<string, Entry[] | null> =>
  Object.fromEntries(
    knownServices(layout).map((service) => [service, readableJournal(layout.journal(service))]),
  );

/** Null for a damaged one, which is a condition of its own. */
function readableJournal(file: string): Entry[] | null {
  try {
    return readJournal(file);
  } catch {
    return null;
  }
}

async function servedCertificates(layout: Layout, port: number): Promise<Facts['certificates']> {
  if (!existsSync(layout.certificates)) return {};
  const names = readdirSync(layout.certificates);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await served(name, port)] as const)),
  );
}

/** Null where nothing answers, or answers with another name's certificate. */
function served(name: string, port: number): Promise<Facts['certificates'][string]> {
  return new Promise((resolve) => {
    // Nothing is sent, so whether the certificate can be trusted does not matter here.
    const socket = connect({ host: '127.0.0.1', port, servername: name, rejectUnauthorized: false });
    const end = (found: Facts['certificates'][string]) => {
      socket.destroy();
      resolve(found);
    };
    socket.setTimeout(5000, () => end(null));
    socket.on('error', () => end(null));
    socket.on('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate();
      if (!certificate?.checkHost(name)) return end(null);
      end({ notBefore: Date.parse(certificate.validFrom), notAfter: Date.parse(certificate.validTo) });
    });
  });
}
