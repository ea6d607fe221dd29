import * as pulumi from '@pulumi/pulumi';
import type { CreateRecord } from '../components/dns-provider.ts';
import { dnsProvider } from '../components/dns-providers.ts';
import {
  type OutputName,
  type PlannedRecord,
  recordContent,
  recordKey,
  recordMark,
} from '../core/dns/record.ts';
import type { Plan } from '../core/plan/plan.ts';

/**
 * Planned records whose place an owner's record has, by their key. `clear` removes the owner's right before ours is
 * created; without it the owner's record becomes ours.
 */
export type TakenPlaces = ReadonlyMap<string, { clear?: () => Promise<void> }>;

/** Creates records, each at the provider that hosts its zone. */
export interface RecordMaker {
  create(
    record: PlannedRecord,
    outputs: Partial<Record<OutputName, pulumi.Input<string>>>,
    dependsOn: pulumi.Resource[],
  ): pulumi.Resource;
}

/** Loads the providers of a plan's zones. */
export async function loadRecordMaker(
  { zones, haven }: Pick<Plan, 'zones' | 'haven'>,
  taken: TakenPlaces,
): Promise<RecordMaker> {
  const ids = [...new Set(zones.map((each) => each.dns))];
  const programs = new Map<string, CreateRecord>();
  for (const id of ids) programs.set(id, await dnsProvider(id).loadProgram());
  const mark = recordMark(haven.id);
  return {
    create(record, outputs, dependsOn) {
      const { dns } = zones.find((each) => each.name === record.zone)!;
      const value = pulumi.output(
        typeof record.value === 'string' ? record.value : outputs[record.value.output]!,
      );
      const content = value.apply((known) => recordContent(record, known));
      const toCreate = { key: recordKey(record), record, value, content, mark };
      return programs.get(dns)!(toCreate, { dependsOn, ...hooksOf(record, taken) });
    },
  };
}

function hooksOf(record: PlannedRecord, taken: TakenPlaces): pulumi.CustomResourceOptions {
  const key = recordKey(record);
  const clear = taken.get(key)?.clear;
  if (!clear) return {};
  // The engine waits for this hook, creates nothing if it throws, and doesn't call it in a preview.
  return { hooks: { beforeCreate: [new pulumi.ResourceHook(`clear-${key}`, clear)] } };
}
