import assert from 'node:assert/strict';
import { openZones } from '../../components/dns-providers.ts';
import { answerConflicts, type ConflictAnswers, dnsConflicts } from '../../core/dns/conflicts.ts';
import { planRecords } from '../../core/dns/plan-records.ts';
import { recordMark } from '../../core/dns/record.ts';

const owner = { name: 'Ada', email: 'ada@example.com' };

/** A zone that its owner already uses, for tests of `haven up --replace` and `--adopt`. */
export const zone = 'firma.example';
export const www = `www.${zone}`;

/** What the cloud wants there: a website at `www`, and the name of its server. */
export const zonePlan = {
  haven: { id: 'firma-1234', domain: zone, owner },
  zones: [{ name: zone, dns: 'cloudflare' }],
  records: planRecords({ zones: [zone], owner, hostName: `haven.${zone}`, hosts: [www] }),
};

/** The conflicts with what exists in the zone now, and the owner's answer to each. */
export async function answeredConflicts(
  environment: Record<string, string>,
  answers: Partial<ConflictAnswers>,
) {
  const existing = await openZones(zonePlan.zones, environment).get(zone)!.records(zone);
  const conflicts = dnsConflicts(zonePlan.records, existing, recordMark(zonePlan.haven.id));
  const { answered, problems } = answerConflicts(
    conflicts,
    { adopt: [], replace: [], ...answers },
    zonePlan.records,
  );
  assert.deepEqual(problems, []);
  return answered;
}
