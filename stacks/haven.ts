import * as cloudflare from '@pulumi/cloudflare';
import type * as pulumi from '@pulumi/pulumi';
import { Certificate, ManualRecord, Release } from '../components/haven-resources.ts';
import { createCloudflareRecord, manualContent, recordKey } from '../components/record.ts';
import { HavenServer, type HavenServerArgs } from '../components/server.ts';
import { type Plan, type PlannedRecord, type PlannedRelease, reverseProxy } from '../core/plan/plan.ts';
import { releaseSummary } from '../core/release/release-summary.ts';

/** What the program needs beside the plan: keys, the agent, and what was learnt before it runs. */
export interface HavenProgramArgs extends Omit<HavenServerArgs, 'plan'> {
  plan: Plan;
  acme: { directory: string; accountUrl: string; caaIdentity: string };
}

/**
 * One haven, as one graph. Its order: addresses and the names that lead to them, server, agent, reverse proxy,
 * certificates, the other releases, and last the records that say what has become true.
 */
export function createHaven(args: HavenProgramArgs): Record<string, pulumi.Output<string>> {
  const { plan } = args;
  const server = new HavenServer(`server-${plan.server.key}`, args);
  const zoneIds = new Map(
    plan.zones
      .filter((zone) => zone.dns === 'cloudflare')
      .map((zone) => [zone.name, cloudflare.getZoneOutput({ filter: { name: zone.name } }).zoneId]),
  );
  const agent = { host: server.ipv4, hostKey: args.hostKey.public };
  const onServer = { dependsOn: [server.ready], deletedWith: server.machine };

  const outputs: Record<string, pulumi.Input<string>> = {
    ipv4: server.ipv4,
    ipv6: server.ipv6,
    'acme-account': `${args.acme.caaIdentity}; accounturi=${args.acme.accountUrl}; validationmethods=http-01`,
  };
  const createRecord = (record: PlannedRecord, dependsOn: pulumi.Resource[] = []): pulumi.Resource[] => {
    const value = 'literal' in record.value ? record.value.literal : outputs[record.value.output]!;
    const zoneId = zoneIds.get(record.zone);
    if (zoneId === undefined) {
      const { name, type, reason } = record;
      return [
        new ManualRecord(
          recordKey(record),
          { name, type, reason, content: manualContent(record, value) },
          { dependsOn },
        ),
      ];
    }
    return [createCloudflareRecord(record, value, zoneId, plan.haven.id, { dependsOn })];
  };

  const early = plan.records.filter((each) => each.stage === 'early').flatMap((each) => createRecord(each));

  const createRelease = ({ service, hash, bundle }: PlannedRelease, after: pulumi.Resource[]) =>
    new Release(
      `release-${service}`,
      { ...agent, service, hash, summary: releaseSummary(bundle) },
      { ...onServer, dependsOn: [server.ready, ...after] },
    );
  const door = plan.releases
    .filter((each) => each.service === reverseProxy)
    .map((each) => createRelease(each, []));

  const certificates = plan.certificates.map(({ host, keyGeneration }) => {
    const { directory, accountUrl } = args.acme;
    const certificate = new Certificate(
      `certificate-${host}`,
      { ...agent, name: host, directory, accountUrl, keyGeneration },
      { ...onServer, dependsOn: [...door, ...early] },
    );
    outputs[`tlsa-a:${host}`] = certificate.keyA;
    outputs[`tlsa-b:${host}`] = certificate.keyB;
    return [host, certificate] as const;
  });
  // The plan names who gives before who needs.
  const releases = new Map<string, pulumi.Resource>();
  for (const each of plan.releases.filter(({ service }) => service !== reverseProxy)) {
    const hosts = each.bundle.release.routes.map((route) => route.host);
    const given = each.after.flatMap((provider) => releases.get(provider) ?? []);
    const certified = certificates.filter(([host]) => hosts.includes(host)).map(([, every]) => every);
    releases.set(each.service, createRelease(each, [...door, ...given, ...certified]));
  }

  for (const record of plan.records.filter((each) => each.stage === 'live'))
    createRecord(record, [...releases.values(), ...certificates.map(([, each]) => each)]);
  return { ipv4: server.ipv4, ipv6: server.ipv6 };
}
