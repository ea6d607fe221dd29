import { existsSync, readdirSync } from 'node:fs';
import { isInMaintenance, lastOperation, operationOf } from '../../core/operations/transaction.ts';
import { bridgeName } from '../../core/release/bridge-name.ts';
import type { Release } from '../../core/release/release.ts';
import type { TrialFirewall } from '../../core/release/trial-firewall.ts';
import { hasBundle, loadBundle } from '../store/bundle-store.ts';
import { damageOf } from '../store/damage.ts';
import { readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';

/** A service in maintenance, with the releases that may be running in the trial: the old one and the new one. */
export interface ServiceInMaintenance {
  service: string;
  releases: Release[];
}

/**
 * By the journals, the only record of which services are in maintenance. So is a service of which something can't be
 * read. What its releases say is not known then, but its bridge's name is.
 */
export function servicesInMaintenance(layout: Layout): ServiceInMaintenance[] {
  return knownServices(layout).flatMap((service) => {
    if (damageOf(layout, service) !== undefined) return [{ service, releases: [] }];
    const entries = lastOperation(readJournal(layout.journal(service)));
    const operation = operationOf(entries);
    if (!operation || !isInMaintenance(entries)) return [];
    const releases = [operation.from, operation.to]
      .filter((hash) => hash !== null && hasBundle(layout, service, hash))
      .map((hash) => loadBundle(layout, service, hash!).release);
    return [{ service, releases }];
  });
}

/** The services that have a journal or a folder on this server, sorted. */
export function knownServices(layout: Layout): string[] {
  const namesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
  const journaled = namesIn(layout.journals).flatMap((name) =>
    name.endsWith('.jsonl') ? [name.slice(0, -'.jsonl'.length)] : [],
  );
  return [...new Set([...journaled, ...namesIn(layout.services)])].sort();
}

export function trialOf(inMaintenance: ServiceInMaintenance[], checkUid: number): TrialFirewall {
  const releases = inMaintenance.flatMap((each) => each.releases);
  const networks = releases.map((each) => each.network);
  const unique = <T>(list: T[]): T[] => [
    ...new Map(list.map((each) => [JSON.stringify(each), each])).values(),
  ];
  const unread = inMaintenance.filter((each) => each.releases.length === 0);
  return {
    bridges: unique([
      ...networks.flatMap((each) => (each.kind === 'bridge' ? [each.name] : [])),
      ...unread.map(({ service }) => bridgeName(service)),
    ]),
    loginBridges: unique(
      releases.flatMap(({ login, network }) => (login && network.kind === 'bridge' ? [network.name] : [])),
    ),
    ports: unique(
      releases.flatMap((each) =>
        each.network.kind === 'host' ? [...each.network.ports, ...healthCheckPorts(each)] : [],
      ),
    ),
    uids: unique(networks.flatMap((each) => (each.kind === 'host' ? each.uids : []))),
    checkUid,
  };
}

const healthCheckPorts = (release: Release) =>
  release.healthChecks.map(({ port }) => ({ port, protocol: 'tcp' as const }));
