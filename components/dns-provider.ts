import type * as pulumi from '@pulumi/pulumi';
import type { ExistingRecord } from '../core/dns/existing-record.ts';
import type { DnsProviderFacts } from '../core/dns/provider-facts.ts';
import type { PlannedRecord } from '../core/dns/record.ts';
import type { Environment } from './api-call.ts';

/**
 * A DNS provider, the company that hosts a zone: one file in `components/dns-providers/`, whose default export this is.
 * The folder is the registry; config, wizard, plan and engine ask it and know no provider by name.
 */
export interface DnsProvider extends DnsProviderFacts {
  /** Variables beside its token that lead elsewhere, such as another address of its API. */
  variables?: string[];
  /** Is a token good for what we do with this domain? Answers with what is wrong, for the owner. */
  checkToken?(token: string, domain: string): Promise<true | string>;
  /** The zones it hosts; missing where we can't look. */
  open?(environment: Environment): DnsZones;
  /** The engine's resource for one record. */
  resource: {
    /** Pulumi's type, `cloudflare:index/dnsRecord:DnsRecord`, and the version of its package. */
    type: string;
    version: string;
    /** What the inputs of such a resource say. Parts that are not known yet are empty. */
    describe(inputs: Record<string, unknown>): { name: string; type: string; content: string };
  };
  /** Loads what makes such resources, for one run of the engine's program. Pulumi is loaded here and no sooner. */
  loadProgram(havenId: string): Promise<CreateRecord>;
}

/** Makes the resource of a record; `value` is the record's own, with outputs filled in. */
export type CreateRecord = (
  record: PlannedRecord,
  value: pulumi.Input<string>,
  options: pulumi.CustomResourceOptions,
) => pulumi.Resource;

/** Zones at a provider, for what the engine doesn't do: looking, and making way for what it does. */
export interface DnsZones {
  records(zone: string): Promise<ExistingRecord[]>;
  /** Marks an owner's record as ours. Answers with what the engine's state must know to change it in place. */
  adopt(record: ExistingRecord, mark: string): Promise<AdoptedRecord>;
  /** Removes a record. One that is gone already is a success. */
  remove(record: ExistingRecord): Promise<void>;
  /** Makes a record that was removed again, exactly as it was. */
  putBack(record: ExistingRecord): Promise<void>;
  /** The id of a record that an interrupted run may have made with these inputs. */
  find(inputs: Record<string, unknown>): Promise<string | undefined>;
}

/** An adopted record, as the engine's state knows it: by its id, and by inputs from which it can be read. */
export interface AdoptedRecord {
  id: string;
  inputs: Record<string, unknown>;
}
