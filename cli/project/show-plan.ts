import { dnsProvider, lookAtSigning, openZones } from '../../components/dns-providers.ts';
import { HetznerApi } from '../../components/hetzner-api.ts';
import { serverLooks } from '../../components/provider/server-look.ts';
import { describeSending } from '../../core/config/sending.ts';
import {
  type AnsweredConflict,
  answerConflicts,
  type ConflictAnswers,
  dnsConflicts,
} from '../../core/dns/conflicts.ts';
import { describeSigning, zonesToSign } from '../../core/dns/describe-signing.ts';
import type { ExistingRecord } from '../../core/dns/existing-record.ts';
import { mailElsewhere } from '../../core/dns/mail-elsewhere.ts';
import { recordMark } from '../../core/dns/record.ts';
import { existingTexts, type KeptTexts, textKinds } from '../../core/mail/existing-texts.ts';
import { monthlyCost } from '../../core/plan/cost.ts';
import { describeChanges } from '../../core/plan/describe-conflict.ts';
import { describeOutgoingMail } from '../../core/plan/outgoing-mail.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { shrunkVolumeProblems } from '../../core/plan/shrunk-volume.ts';
import { notSoldProblems } from '../../core/plan/sold.ts';
import { ProblemsError } from '../../core/problem.ts';
import { listed } from '../output/asking.ts';
import { assertNoErrors } from '../output/engine-errors.ts';
import type { ShownPlan } from '../output/print-plan.ts';
import { type LoadedPricing, loadPricing } from './load-pricing.ts';
import { assertOwnProject } from './own-project.ts';
import type { Project } from './project.ts';
import { findAddress } from './server-link.ts';
import type { Session } from './session.ts';
import { clearStaleLock } from './stale-lock.ts';
import { textsInDns } from './texts-in-dns.ts';

/**
 * Everything that a plan shows, worked out from one preview of the engine and a look at the zones. With `only`, of the
 * release of one service; then nothing but its server is asked. `say` is told what it waits for.
 */
export async function showPlan(
  project: Project,
  session: Session,
  say: (line: string) => void,
  answers: ConflictAnswers = { adopt: [], replace: [] },
  only?: string,
): Promise<{ shown: ShownPlan; conflicts: AnsweredConflict[] }> {
  clearStaleLock(project);
  const { environment } = session;
  // Before the engine starts: its plugins try for minutes what a token may not do, or a zone that is not there.
  const hetzner = new HetznerApi(environment);
  const [looked, entered, signing, priced, owned] = await Promise.allSettled([
    only === undefined ? readZones(session.plan, environment) : [],
    only === undefined ? enteredTexts(session.plan, environment) : noTexts,
    only === undefined ? lookAtSigning(zonesToSign(session.plan.zones), environment) : undefined,
    only === undefined ? loadPricing(hetzner) : notAsked,
    // A cloud that is recovered may have nothing at Hetzner of what its state names.
    only === undefined && !session.run.isRecovery
      ? assertOwnProject(hetzner, session.plan.haven.id, session.engine)
      : undefined,
    askServerAhead(project, session),
  ]);
  unwrap(owned);
  const { pricing, why } = unwrap(priced);
  const records = unwrap(looked);
  const signed = unwrap(signing);
  const mark = recordMark(session.plan.haven.id);
  const byHand = unwrap(entered);
  const keptOf = (kind: keyof KeptTexts) =>
    new Map([...existingTexts(textKinds[kind], session.plan.records, records, mark), ...byHand[kind]]);
  const kept: KeptTexts = { spf: keptOf('spf'), dmarc: keptOf('dmarc') };
  if (Object.values(kept).some((each) => each.size > 0)) {
    project.takeInTexts(kept);
    session.replanRecords();
  }
  const { plan } = session;
  const conflicts = dnsConflicts(plan.records, records, mark);
  const { answered, problems } = answerConflicts(conflicts, answers, plan.records);
  if (problems.length > 0) throw new ProblemsError(problems);
  const result = await session.engine.preview(
    (event) => {
      if (event.event === 'waits') say(event.text);
    },
    { only },
  );
  assertNoErrors(result);
  const impossible = [
    ...shrunkVolumeProblems(result.changes),
    ...(pricing ? notSoldProblems(plan.server, result.changes, pricing) : []),
  ];
  if (impossible.length > 0) throw new ProblemsError(impossible);
  // Before anything is bought: otherwise only the server would find out. A rollback waits for no registry.
  const images = only === undefined ? await project.newImages(plan, result.changes) : undefined;
  const outgoing = describeOutgoingMail(plan.mail, plan.server.provider, result.changes);
  const shown = {
    domain: plan.haven.domain,
    isSandbox: project.isSandbox,
    stubs: project.stubs,
    builtHere: project.builtHere,
    ...describeChanges(result.changes, answered, plan),
    kept: result.changes.filter((each) => each.kind === 'keep').length,
    cost: pricing && monthlyCost(plan, result.changes, pricing),
    ...(why === undefined ? {} : { costUnknown: why }),
    unverified: session.run.unverified(),
    foreign: records.filter((each) => each.comment !== mark).length - conflicts.length,
    mail: mailElsewhere(records, mark, plan.mail?.domains),
    ...(outgoing.length > 0 ? { outgoing } : {}),
    ...(plan.sending ? { sending: describeSending(plan.sending) } : {}),
    dnssec: signed ? describeSigning(plan.zones, signed) : [],
    ...(images && images.list.length > 0 ? { images } : {}),
  };
  return { shown, conflicts: answered };
}

/** Without an address there is nothing to ask yet; what could not be found out, the engine tells. */
async function askServerAhead(project: Project, session: Session): Promise<void> {
  const address = await findAddress(project);
  if (address !== undefined) void serverLooks.askAhead(session.agentAt(address));
}

/** Who is asked for a plan, for the line that says so. */
export const askedFor = ({ config }: Pick<Project, 'config'>): string => {
  const issuers = config.domains.flatMap(({ dns }) => dnsProvider(dns).token?.issuer ?? []);
  return listed([...new Set(['Hetzner', ...issuers, 'the server'])]);
};

/** What the owner's own texts say where no DNS provider can be read. */
async function enteredTexts(plan: Plan, environment: Record<string, string>): Promise<KeptTexts> {
  const of = (kind: keyof KeptTexts) => textsInDns(textKinds[kind], plan, environment);
  const [spf, dmarc] = await Promise.all([of('spf'), of('dmarc')]);
  return { spf, dmarc };
}

const noTexts: KeptTexts = { spf: new Map(), dmarc: new Map() };
const notAsked: LoadedPricing = { why: 'it was not asked for' };

function unwrap<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

async function readZones(plan: Plan, environment: Record<string, string>): Promise<ExistingRecord[]> {
  const zones = [...openZones(plan.zones, environment)];
  return (await Promise.all(zones.map(([zone, opened]) => opened.records(zone)))).flat();
}
