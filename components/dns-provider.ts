import type * as pulumi from '@pulumi/pulumi';
import type { ExistingRecord } from '../core/dns/existing-record.ts';
import type { DnsProviderFacts } from '../core/dns/provider-facts.ts';
import type { PlannedRecord } from '../core/dns/record.ts';
import type { ZoneSigning } from '../core/dns/zone-signing.ts';
import type { Environment } from './api-call.ts';
import type { ApiFront } from './api-front.ts';

/**
 * A DNS provider, the company that hosts a zone: the default export of one file in `components/dns-providers/`. The
 * folder is the registry: config, wizard, plan and engine ask it, and none of them knows a provider by name.
 */
export interface DnsProvider extends DnsProviderFacts {
  /** Variables in addition to its token, such as another address of its API. */
  variables?: string[];
  /** The zones it hosts; left out for providers that we can't read. */
  open?(environment: Environment): DnsZones;
  /** DNSSEC of its zones; left out for providers that don't sign, or that we can't tell to. */
  signer?(environment: Environment): ZoneSigner;
  /** Serves its API on this computer to the engine's plugin; left out where that would save no requests. */
  front?(environment: Environment): Promise<ApiFront>;
  /** The engine's resource for one record. */
  resource: {
    /** Pulumi's type, `cloudflare:index/dnsRecord:DnsRecord`, and the version of its package. */
    type: string;
    version: string;
    /** What a resource's inputs mean. Parts that are not known yet are empty. */
    describe(inputs: Record<string, unknown>): { name: string; type: string; content: string };
  };
  /** Loads what creates such resources, for one run of the engine's program. Pulumi is loaded here and not before. */
  loadProgram(): Promise<CreateRecord>;
}

/** Creates the resource of a record. */
export type CreateRecord = (record: RecordToCreate, options: pulumi.CustomResourceOptions) => pulumi.Resource;

/** What every provider makes its resource of. */
export interface RecordToCreate {
  /** The name of the resource. */
  key: string;
  record: PlannedRecord;
  /** The record's value, with outputs filled in. */
  value: pulumi.Output<string>;
  /** All of its content, as a zone file writes it. */
  content: pulumi.Output<string>;
  /** What identifies the record as ours at its provider. */
  mark: string;
}

/** Zones at a provider, for what the engine doesn't do: reading them, and making room for its records. */
export interface DnsZones {
  /** The zone that a name is in: the nearest that the token can see. Throws {@link ZoneNotFound}. */
  zoneOf(name: string): Promise<string>;
  /** All records of a zone. Throws {@link ZoneNotFound}. */
  records(zone: string): Promise<ExistingRecord[]>;
  /**
   * Whether the token may change a zone: creates a TXT record and deletes it. First deletes what an attempt that was killed in
   * between left.
   */
  mayWrite(zone: string): Promise<boolean>;
  /** What the engine's state must know of an owner's record to change it in place. */
  stateOf(record: ExistingRecord): Promise<AdoptedRecord>;
  /** Removes a record. One that no longer exists is a success. */
  remove(record: ExistingRecord): Promise<void>;
  /** Restores a record exactly as it was, whether it was changed or removed since. */
  putBack(record: ExistingRecord): Promise<void>;
  /** The id of a record that an interrupted run may have created with these inputs. */
  find(inputs: Record<string, unknown>): Promise<string | undefined>;
}

/** Signs zones. Nothing here ends that: a zone that is unsigned while its DS record is published is unreachable. */
export interface ZoneSigner {
  /** Throws {@link ZoneNotFound}. */
  look(zone: string): Promise<ZoneSigning>;
  /** Signs a zone, and answers what it is then. One that is signed is left unchanged. Throws {@link ZoneNotFound}. */
  sign(zone: string): Promise<ZoneSigning>;
}

/** The name of the record that {@link DnsZones.mayWrite} creates, in its zone. */
export const writeTestName = (zone: string): string => `_haven-write-test.${zone}`;

/** An adopted record for the engine's state: its id, and inputs with which it can be read. */
export interface AdoptedRecord {
  id: string;
  inputs: Record<string, unknown>;
}

/** The token sees no such zone. */
export class ZoneNotFound extends Error {
  /** What is missing, as a sentence, and what to do about it. */
  readonly what: string;
  readonly remedy: string;

  constructor(
    issuer: string,
    zone: string,
    remedy = 'Add the domain there, or give the token access to it.',
  ) {
    const what = `${issuer} has no zone ${zone} that this token can see.`;
    super(`${what} ${remedy}`);
    this.what = what;
    this.remedy = remedy;
  }
}
