import { purposeOf } from './conflicts.ts';
import type { ExistingRecord } from './existing-record.ts';
import { type PlannedRecord, plannedContent } from './record.ts';

/**
 * Records that this cloud made itself and of which its state knows nothing, because the state was lost. Each becomes the
 * planned record that it was, so that the engine changes it in place: a second one beside it would lead visitors to a
 * server that is gone.
 */
export interface OwnRecords {
  adopt: { as: PlannedRecord; existing: ExistingRecord }[];
  /**
   * Records that are removed right before the first of these planned ones is created: several of a kind (two TLSA) whose
   * content is not known yet, where a wrong guess would make the provider refuse an identical record, and those that
   * can't exist beside a CNAME.
   */
  clear: { planned: PlannedRecord[]; existing: ExistingRecord[] }[];
  /** Nothing that is planned: what the cloud no longer has. */
  left: ExistingRecord[];
}

/** `existing` are records with the cloud's mark that its state does not have, `planned` those that it does not have. */
export function matchOwnRecords(planned: PlannedRecord[], existing: ExistingRecord[]): OwnRecords {
  const found: OwnRecords = { adopt: [], clear: [], left: [] };
  const kindOf = (each: ExistingRecord): string => groupOf(each, each.content);
  for (const group of new Set(existing.map(kindOf))) {
    const records = existing.filter((each) => kindOf(each) === group);
    const wanted = planned.filter((each) => groupOf(each, plannedContent(each)) === group);
    const same = wanted.flatMap((as) => {
      const one = records.find(({ content }) => content === plannedContent(as));
      return one ? [{ as, existing: one }] : [];
    });
    found.adopt.push(...same);
    const open = wanted.filter((each) => !same.some(({ as }) => as === each));
    const rest = records.filter((each) => !same.some((pair) => pair.existing === each));
    const [as] = open;
    const [first, ...others] = rest;
    if (as === undefined || first === undefined) found.left.push(...rest);
    else if (open.length > 1) found.clear.push({ planned: open, existing: rest });
    else {
      found.adopt.push({ as, existing: first });
      found.left.push(...others);
    }
  }
  return clearBesideAlias(found, planned);
}

/** An alias must be the only record of its name (RFC 1034 §3.6.2). */
function clearBesideAlias(found: OwnRecords, planned: PlannedRecord[]): OwnRecords {
  const inTheWay = found.left.flatMap((each) => {
    const excluded = planned.filter(
      ({ name, type }) => name === each.name && (type === 'CNAME') !== (each.type === 'CNAME'),
    );
    return excluded.length > 0 ? [{ planned: excluded, existing: [each] }] : [];
  });
  const cleared = inTheWay.flatMap(({ existing }) => existing);
  return {
    ...found,
    clear: [...found.clear, ...inTheWay],
    left: found.left.filter((each) => !cleared.includes(each)),
  };
}

/** A name has a CAA record for each tag, and a text for each purpose. */
function groupOf({ name, type }: { name: string; type: string }, content: string): string {
  const kind =
    type === 'CAA' ? content.split(' ')[1]?.toLowerCase() : type === 'TXT' ? purposeOf(content) : '';
  return `${name} ${type} ${kind ?? ''}`;
}
