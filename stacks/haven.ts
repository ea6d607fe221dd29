import type * as pulumi from '@pulumi/pulumi';
import {
  Alarms,
  Backups,
  Certificate,
  MailPreflight,
  Release,
  SetUp,
} from '../components/haven-resources.ts';
import { HavenServer, type HavenServerArgs } from '../components/server.ts';
import { reverseProxy } from '../core/config/dependencies.ts';
import { accountAuthority } from '../core/dns/account-authority.ts';
import { type PlannedRecord, type PlannedValue, recordKey } from '../core/dns/record.ts';
import { dkimText, ed25519Text } from '../core/mail/dkim-key.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { PlannedRelease } from '../core/plan/plan-releases.ts';
import { releaseSummary } from '../core/release/release-summary.ts';
import { releaseName } from './engine-events.ts';
import { loadRecordMaker, type TakenPlaces } from './records.ts';
import { signZones } from './signing.ts';

/** What a preview shows in the place of what only `up` makes. */
export const knownLater = 'known after up';

/** What the program requires besides the plan: keys, the agent, and what was learnt before it runs. */
export interface HavenProgramArgs extends Omit<HavenServerArgs, 'plan'> {
  plan: Plan;
  /** `isReplaced`: CAA records name a former account. */
  acme: { directory: string; accountUrl: string; caaIdentity: string; isReplaced: boolean };
  taken: TakenPlaces;
  /** Services that have no release yet, as far as is known. */
  newServices: ReadonlySet<string>;
}

const isAccount = (value: PlannedValue): boolean =>
  typeof value !== 'string' && value.output === 'acme-account';

/**
 * One haven, as one graph. Its order: addresses and the names that lead to them, server, agent, set-up, reverse proxy
 * and what it does not serve, certificates, the look outward where there is mail, the other releases, the records that
 * are only true at the end, and last the signing of their zones.
 */
export async function createHaven(args: HavenProgramArgs): Promise<Record<string, pulumi.Output<string>>> {
  const { plan, taken, newServices } = args;
  const records = await loadRecordMaker(plan, taken);
  const server = new HavenServer(`server-${plan.server.key}`, args);
  const agent = { host: server.ipv4, hostKey: args.hostKey.public };
  const { device, sizeGb } = server.volume;
  const setUp = new SetUp(
    'set-up',
    { ...agent, volume: device, volumeGb: sizeGb },
    { dependsOn: [server.ready], deletedWith: server.machine },
  );
  const onServer = { dependsOn: [setUp], deletedWith: server.machine };

  if (plan.alarms) new Alarms('alarms', { ...agent, server: server.machine.id, ways: plan.alarms }, onServer);
  // In a recovery they bring the data and certificates of everything that comes after them.
  const backups = plan.backups
    ? [new Backups('backups', { ...agent, server: server.machine.id, settings: plan.backups }, onServer)]
    : [];

  const outputs: Record<string, pulumi.Input<string>> = {
    ipv4: server.ipv4,
    ipv6: server.ipv6,
    'acme-account': accountAuthority(args.acme.caaIdentity, args.acme.accountUrl),
  };
  // A preview has no key yet: `up` makes those that are missing, and then the plan has them.
  for (const domain of plan.mail?.domains ?? []) {
    outputs[`dkim:${domain}`] = dkimText({ publicKey: knownLater });
    outputs[`dkim:ed25519:${domain}`] = ed25519Text({ publicKey: knownLater });
  }
  const createRelease = ({ service, hash, bundle, quotas }: PlannedRelease, after: pulumi.Resource[]) =>
    new Release(
      releaseName(service),
      { ...agent, service, hash, quotas, summary: releaseSummary(bundle) },
      { ...onServer, dependsOn: [setUp, ...backups, ...after] },
    );
  const door = plan.releases
    .filter((each) => each.service === reverseProxy)
    .map((each) => createRelease(each, []));

  // CAA records that name a former account forbid what is ordered with the new one, also for names below theirs.
  const isEarly = ({ stage, value }: PlannedRecord): boolean =>
    stage === 'early' || (args.acme.isReplaced && isAccount(value));
  const early = plan.records
    .filter(isEarly)
    // An owner's record is left alone until there is a server to lead to, with a reverse proxy that answers.
    .map((each) => records.create(each, outputs, taken.has(recordKey(each)) ? door : []));

  const certificates = plan.certificates.map(({ host, keyGeneration }) => {
    const { directory, accountUrl } = args.acme;
    const certificate = new Certificate(
      `certificate-${host}`,
      { ...agent, name: host, directory, accountUrl, keyGeneration },
      { ...onServer, dependsOn: [...backups, ...door, ...early] },
    );
    outputs[`tlsa-a:${host}`] = certificate.keyA;
    outputs[`tlsa-b:${host}`] = certificate.keyB;
    return [host, certificate] as const;
  });
  // Its names lead to the server by then, and back. Until it succeeds, mail is not deployed, so no record of it goes live.
  const preflight = plan.mail
    ? [
        new MailPreflight(
          'mail-preflight',
          { ...agent, server: server.machine.id, mail: plan.mail },
          { ...onServer, dependsOn: [server, setUp, ...early] },
        ),
      ]
    : [];
  // The plan names dependencies before what depends on them.
  const releases = new Map<string, pulumi.Resource>();
  for (const each of plan.releases.filter(({ service }) => service !== reverseProxy)) {
    const { routes, tcpRoutes = [] } = each.bundle.release;
    const hosts = routes.map((route) => route.host);
    const served = routes.length + tcpRoutes.length > 0 ? door : [];
    const given = each.after
      .filter((provider) => !(each.beside.includes(provider) && newServices.has(provider)))
      .flatMap((provider) => releases.get(provider) ?? []);
    const certified = certificates.filter(([host]) => hosts.includes(host)).map(([, every]) => every);
    const looked = each.service === plan.mail?.service ? preflight : [];
    releases.set(each.service, createRelease(each, [...served, ...given, ...certified, ...looked]));
  }

  const everything = [...releases.values(), ...certificates.map(([, each]) => each)];
  const live = plan.records
    .filter((each) => !isEarly(each))
    .map((record) => records.create(record, outputs, everything));
  signZones(plan, live);
  return { ipv4: server.ipv4, ipv6: server.ipv6 };
}
