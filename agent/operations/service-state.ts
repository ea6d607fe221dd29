import type { Entry } from '../../core/operations/entries.ts';
import {
  currentRelease,
  isInMaintenance,
  lastOperation,
  operationOf,
  unfinished,
} from '../../core/operations/transaction.ts';
import { newestSignatures } from '../checks/virus-signatures.ts';
import { type DataQuota, readQuotas, type SeenQuotas } from '../data/quotas.ts';
import { lookAtAccounts } from '../effects/accounts.ts';
import { type Container, containersOfAll, ifDockerAnswers, isAllUp } from '../effects/containers.ts';
import { lookAtNetworks } from '../effects/dependency-networks.ts';
import { servicesNotServed } from '../effects/served-routes.ts';
import { currentHash, hasBundle, loadBundle } from '../store/bundle-store.ts';
import { damageOf } from '../store/damage.ts';
import { readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';
import { isSwitchedOff } from '../store/running.ts';
import { lookAtImages, type StoredRelease } from './images.ts';

/** The state of a service on this server. The release comes from the journal; the rest is observed. */
export interface ServiceState {
  service: string;
  /** Hash of the running release; null when the service isn't here. */
  release: string | null;
  /** What `current` points to. Differs from `release` only while a transaction is open. */
  linked: string | null;
  /** The open operation, if there is one. */
  open: string | null;
  inMaintenance: boolean;
  /** Whether the owner stopped it. Then none of its containers run, and that is correct. */
  switchedOff: boolean;
  /** Whether all of its containers are up and healthy, and its routes are served. */
  healthy: boolean;
  /** What of it outside of its containers and data is not as its release says, for people to read. */
  differs: string[];
  /** What its data uses of the volume. */
  quotas: DataQuota[];
  /** How long the last applied change kept it in maintenance; null when never measured. */
  stoppedSeconds: number | null;
  /** When the newest signatures of its virus scanner were made, in milliseconds since 1970; left out where it has none. */
  signaturesMadeAt?: number;
  /** Why it is not healthy although its containers may be, and what to do; null when there is nothing to say. */
  problem: string | null;
}

/** The states of services. LDAP, the login, Docker and the file system are asked once for all of them. */
export async function readServices(layout: Layout, services: string[]): Promise<ServiceState[]> {
  const settled = services.flatMap((service) => settledRelease(layout, service) ?? []);
  const [differing, notServed, quotas, containersOf] = await Promise.all([
    lookAtWhatDiffers(layout, settled),
    servicesNotServed(layout),
    readQuotas(layout),
    containersOfAll(),
  ]);
  const signatures = new Map(
    settled.map(({ release }) => [release.service, newestSignatures(layout, release)]),
  );
  const seen = { differing, notServed, quotas, signatures, containersOf };
  return services.map((service) => readOne(layout, service, seen));
}

export async function readService(layout: Layout, service: string): Promise<ServiceState> {
  const [state] = await readServices(layout, [service]);
  return state!;
}

/** By service. A Docker that does not answer says nothing of images and networks; without it no service is healthy. */
async function lookAtWhatDiffers(layout: Layout, stored: StoredRelease[]): Promise<Map<string, string[]>> {
  const releases = stored.map(({ release }) => release);
  const looks = await Promise.all([
    lookAtAccounts(layout, releases),
    ifDockerAnswers(() => lookAtImages(stored)),
    ifDockerAnswers(() =>
      lookAtNetworks(releases, (service) => settledRelease(layout, service) !== undefined),
    ),
  ]);
  return new Map(releases.map(({ service }) => [service, looks.flatMap((look) => look?.get(service) ?? [])]));
}

/** The release of a service that nothing is changing. */
function settledRelease(layout: Layout, service: string): StoredRelease | undefined {
  if (damageOf(layout, service) !== undefined) return undefined;
  const journal = readJournal(layout.journal(service));
  const hash = currentRelease(journal);
  const isSettled = hash !== null && unfinished(journal).length === 0 && hasBundle(layout, service, hash);
  if (!isSettled) return undefined;
  return { release: loadBundle(layout, service, hash).release, folder: layout.release(service, hash) };
}

/** What was asked once for all services. */
interface Seen {
  differing: Map<string, string[]>;
  notServed: Set<string>;
  quotas: SeenQuotas;
  signatures: Map<string, number | undefined>;
  containersOf: (service: string) => Container[];
}

function readOne(
  layout: Layout,
  service: string,
  { differing, notServed, quotas, signatures, containersOf }: Seen,
): ServiceState {
  const damage = damageOf(layout, service);
  if (damage !== undefined) return unreadable(layout, service, damage);
  const journal = readJournal(layout.journal(service));
  const release = currentRelease(journal);
  const problem = notServed.has(service) ? notLoaded : null;
  const signaturesMadeAt = signatures.get(service);
  const healthy =
    problem === null &&
    release !== null &&
    hasBundle(layout, service, release) &&
    isAllUp(layout.release(service, release), containersOf(service));
  return {
    service,
    release,
    linked: currentHash(layout, service),
    open: operationOf(unfinished(journal))?.id ?? null,
    inMaintenance: isInMaintenance(lastOperation(journal)),
    switchedOff: isSwitchedOff(layout, service),
    healthy,
    differs: differing.get(service) ?? [],
    quotas: release === null ? [] : quotas(service),
    stoppedSeconds: stoppedSeconds(journal),
    ...(signaturesMadeAt === undefined ? {} : { signaturesMadeAt }),
    problem,
  };
}

const notLoaded =
  'the reverse proxy has not loaded its routes yet. The server tries again each minute. Run: haven logs reverse-proxy';

/** Something of it can't be read: it is in maintenance, and what it runs is only known from the link. */
function unreadable(layout: Layout, service: string, problem: string): ServiceState {
  const linked = currentHash(layout, service);
  const seen = { service, release: linked, linked, open: null, switchedOff: isSwitchedOff(layout, service) };
  return {
    ...seen,
    inMaintenance: true,
    healthy: false,
    differs: [],
    quotas: [],
    stoppedSeconds: null,
    problem,
  };
}

function stoppedSeconds(journal: Entry[]): number | null {
  const ended = journal.findLastIndex((each) => each.entry === 'did' && each.step === 'leave-maintenance');
  const begun = journal
    .slice(0, Math.max(ended, 0))
    .findLast((each) => each.entry === 'do' && each.step === 'enter-maintenance');
  if (ended < 0 || !begun) return null;
  return Math.round((Date.parse(journal[ended]!.at) - Date.parse(begun.at)) / 1000);
}
