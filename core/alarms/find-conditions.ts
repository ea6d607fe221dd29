import { type BackupFacts, judgeBackups } from '../backups/backup-health.ts';
import type { WayMemory } from '../mail/choose-way.ts';
import type { Entry } from '../operations/entries.ts';
import { highFrom } from '../operations/storage.ts';
import { lastOperation, operationOf, stuckAt, unfinished } from '../operations/transaction.ts';
import { type Condition, type ConditionKind, conditionKey } from './condition.ts';
import { mailConditions } from './mail-condition.ts';
import { type SignatureTimes, signaturesConditions } from './signatures-condition.ts';

/** What the server shows of itself in one look. Times are milliseconds since 1970. */
export interface Facts {
  now: number;
  /** How long ago the server started. */
  upSeconds: number;
  /** Units of the agent, and Docker's, that systemd lists as failed; null if systemd did not answer. */
  failedUnits: string[] | null;
  /** Whether fail2ban runs; null if systemd did not answer. */
  isGuarding: boolean | null;
  /** What `haven-status.timer` wrote last; null if it never did. */
  status: { at: number; services: { id: string; state: 'up' | 'down' | 'off' | 'changing' }[] } | null;
  /** By service; null where the journal can't be read. */
  journals: Record<string, Entry[] | null>;
  disks: { name: string; usedShare: number; fix: string }[];
  /** As they are served; null where none is. */
  certificates: Record<string, { notBefore: number; notAfter: number } | null>;
  /** Null where no backups are set up. */
  backups: BackupFacts | null;
  /** Addresses of users who wrote to too many recipients in the last hour; null if the journal did not answer. */
  overLimit: string[] | null;
  /** How email leaves; left out where no service sends any. */
  mail?: WayMemory;
  /** Of services that are not stopped, as `status` saw them; left out where none scans for viruses. */
  signatures?: SignatureTimes;
}

/** Something that the owner is told once. `at` is in milliseconds since 1970. */
export interface Notice {
  at: number;
  text: string;
}

/** What was found, and the keys of conditions of which this look can't tell whether they hold. */
export interface Found {
  conditions: Condition[];
  /** What is not wrong, and told once. */
  notices?: Notice[];
  unknown: (key: string) => boolean;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Longer than any operation takes. */
const longOperationMs = 15 * minuteMs;
/** After this the checks of each minute count as stopped. */
const staleChecksMs = 10 * minuteMs;
/** Services may take this long to start after a boot. */
const bootSeconds = 5 * 60;
const certificateMs = 10 * dayMs;
/** A disk that counts as full no longer does below this share. */
const noLongerFull = 0.75;

/** Everything that is wrong. `held` has the keys of the conditions that were found before. */
export function findConditions(facts: Facts, held: ReadonlySet<string> = new Set()): Found {
  const { certificates, failedUnits } = facts;
  const serviceIsUnknown = !areChecksFresh(facts) || facts.upSeconds < bootSeconds;
  return {
    conditions: [
      ...(serviceIsUnknown ? [] : downServices(facts)),
      ...Object.entries(facts.journals).flatMap(([service, journal]) => ofJournal(facts, service, journal)),
      ...facts.disks.flatMap((disk) => ofDisk(disk, held)),
      ...Object.entries(certificates).flatMap(([host, served]) => ofCertificate(facts.now, host, served)),
      ...(failedUnits ?? []).map(ofUnit),
      ...(facts.backups ? ofBackups(facts.backups, facts.now) : []),
      ...(facts.overLimit ?? []).map(ofSender),
      ...(facts.isGuarding === false ? [noGuard] : []),
      ...(facts.mail ? mailConditions(facts.mail) : []),
      ...signaturesConditions(facts.signatures ?? [], facts.now),
      ...(areChecksFresh(facts) || facts.upSeconds < bootSeconds ? [] : [staleChecks]),
    ],
    ...(facts.mail ? { notices: facts.mail.notices } : {}),
    unknown: (key) => {
      const [kind, subject = ''] = key.split(' ') as [ConditionKind, string?];
      if (kind === 'service' || kind === 'undone') return serviceIsUnknown || isChanging(facts, subject);
      if (kind === 'bans') return facts.isGuarding === null;
      if (kind === 'sending-limit') return facts.overLimit === null;
      if (kind === 'certificate') return certificates[subject] === null;
      return (kind === 'timer' || kind === 'renewal') && failedUnits === null;
    },
  };
}

/** In maintenance: until that ends, it is neither well nor unwell. */
const isChanging = ({ status }: Facts, service: string): boolean =>
  status?.services.some(({ id, state }) => id === service && state === 'changing') ?? false;

const areChecksFresh = ({ now, status }: Facts): boolean =>
  status !== null && now - status.at < staleChecksMs;

const staleChecks: Condition = {
  kind: 'checks',
  subject: 'services',
  what: 'The services have not been checked for more than 10 minutes.',
  fix: 'Run: haven status   If nothing answers, restart the server in the console of its provider.',
};

const noGuard: Condition = {
  kind: 'bans',
  subject: 'fail2ban.service',
  what: 'Failed logins are not counted, because fail2ban is not running: passwords can be guessed without a ban.',
  fix: 'The server starts it again each minute. To see why it ends, run: haven alarm list   If it stays so, restart the server in the console of its provider.',
};

const downServices = ({ status }: Facts): Condition[] =>
  (status?.services ?? [])
    .filter(({ state }) => state === 'down')
    .map(({ id }) => ({
      kind: 'service',
      subject: id,
      what: `${id} does not work: not all of its containers are up and healthy.`,
      fix: `To see why, run: haven logs ${id}   To start it again, run: haven restart ${id}`,
    }));

function ofJournal(facts: Facts, service: string, journal: Entry[] | null): Condition[] {
  const found = (kind: ConditionKind, what: string, fix: string): Condition[] => [
    { kind, subject: service, what, fix },
  ];
  if (journal === null)
    return found(
      'journal',
      `The journal of ${service} can't be read, so ${service} can't be changed.`,
      `Run: haven history ${service}`,
    );
  const open = unfinished(journal);
  const [first] = open;
  const isLong = first !== undefined && facts.now - Date.parse(first.at) > longOperationMs;
  if (operationOf(open) && (isLong || stuckAt(open)))
    return found(
      'operation',
      stuckAt(open)
        ? `A change of ${service} can't be completed or undone.`
        : `A change of ${service} has been running for more than 15 minutes.`,
      `To see it, run: haven history ${service}   To end it, run: haven operation abort ${service}`,
    );
  const last = lastOperation(journal).at(-1);
  const isDown = facts.status?.services.some(({ id, state }) => id === service && state === 'down');
  if (last?.entry === 'finished' && last.unwell !== undefined && isDown)
    return found(
      'undone',
      `The last change of ${service} ended, and ${service} does not work since.`,
      `To see why, run: haven history ${service}   To apply haven.yaml again, run: haven up`,
    );
  return [];
}

function ofDisk({ name, usedShare, fix }: Facts['disks'][number], held: ReadonlySet<string>): Condition[] {
  const subject = name.replaceAll(' ', '-');
  const limit = held.has(conditionKey({ kind: 'disk', subject })) ? noLongerFull : highFrom;
  if (usedShare < limit) return [];
  const used = Math.floor(usedShare * 100);
  return [{ kind: 'disk', subject, what: `The ${name} is ${used} % full.`, fix }];
}

/** A short-lived certificate never has 10 days left, so a quarter of its lifetime counts if that is less. */
function ofCertificate(now: number, host: string, served: Facts['certificates'][string]): Condition[] {
  if (!served) return [];
  const left = served.notAfter - now;
  if (left > Math.min(certificateMs, (served.notAfter - served.notBefore) / 4)) return [];
  const days = Math.floor(left / dayMs);
  const when = left < 0 ? 'has expired' : `is valid for ${days === 1 ? '1 more day' : `${days} more days`}`;
  return [
    {
      kind: 'certificate',
      subject: host,
      what: `The certificate of ${host} ${when}, and was not renewed.`,
      fix: 'Run: haven up',
    },
  ];
}

function ofUnit(unit: string): Condition {
  if (unit === 'haven-certificates.service')
    return {
      kind: 'renewal',
      subject: unit,
      what: 'A certificate could not be renewed. The server tries again every 6 hours.',
      fix: 'To see why, run: haven alarm list   To try it now, run: haven up',
    };
  return {
    kind: 'timer',
    subject: unit,
    what: `${unit} failed on the server.`,
    fix: 'To see why, run: haven alarm list',
  };
}

const ofSender = (address: string): Condition => ({
  kind: 'sending-limit',
  subject: address,
  what: `The user of ${address} has written to so many recipients that further emails are refused for now.`,
  fix: `Ask the user whether they did. If not, their password was stolen. Run: haven user disable NAME   To see what was sent, run: haven mail log ${address}`,
});

const ofBackups = (facts: BackupFacts, now: number): Condition[] =>
  judgeBackups(facts, now).flatMap(({ service, problem }) =>
    problem ? [{ kind: 'backup' as const, subject: service, ...problem }] : [],
  );
