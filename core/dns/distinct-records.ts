import { type PlannedRecord, recordKey } from './record.ts';

/** Refuses a second record with the key of another: the engine could not tell them apart. */
export function distinctRecords(records: PlannedRecord[]): PlannedRecord[] {
  const keys = new Set<string>();
  for (const record of records) {
    const key = recordKey(record);
    if (keys.has(key)) throw new Error(`Two records are ${key}. Give one of them a slot.`);
    keys.add(key);
  }
  return records;
}
