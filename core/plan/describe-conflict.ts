import { type AnsweredConflict, isAdoptable, mergedText } from '../dns/conflicts.ts';
import { recordKey } from '../dns/record.ts';
import type { Change } from './changes.ts';
import { type ChangeLine, describeChange } from './describe-change.ts';
import type { Plan } from './plan.ts';
import { inReadingOrder } from './reading-order.ts';

/** An owner's record that is in the way, and that they have not decided about yet. */
export interface OpenConflict {
  /** What they name to decide: `www.example.org CNAME`. */
  key: string;
  name: string;
  type: string;
  content: string;
  /** Types of the planned records that need its place. */
  inTheWayOf: string[];
  isAdoptable: boolean;
  /** Of an SPF or DMARC text: what it and ours become together, whatever is decided. */
  becomes?: string;
}

/**
 * What a plan shows: the engine's changes and what happens to an owner's own records in one list, and separately the
 * records that the owner still has to decide about.
 */
export function describeChanges(
  changes: Change[],
  conflicts: AnsweredConflict[],
  plan: Plan,
): { lines: ChangeLine[]; conflicts: OpenConflict[] } {
  const adopted = new Map(
    conflicts.flatMap((each) => (each.answer === 'adopt' ? [[recordKey(each.as), each]] : [])),
  );
  const lines = changes
    .filter((each) => each.kind !== 'keep')
    .map((change) => {
      const line = describeChange(change, plan);
      const conflict = change.kind === 'create' ? adopted.get(change.name) : undefined;
      return conflict ? adoptionLine(conflict, line) : line;
    });
  const removals = conflicts.filter((each) => each.answer === 'replace').map(removalLine);
  const open = conflicts.filter((each) => each.answer === 'open').map(openConflict);
  return { lines: inReadingOrder([...lines, ...removals]), conflicts: open };
}

/** An adopted record is changed, not created: the same record, in the same place. */
const adoptionLine = ({ existing }: AnsweredConflict, created: ChangeLine): ChangeLine => ({
  ...created,
  kind: 'update',
  detail: `${existing.content} → ${created.detail} (yours; haven manages it from now on)`,
});

const removalLine = ({ existing }: AnsweredConflict): ChangeLine => ({
  kind: 'delete',
  what: 'DNS',
  name: `${existing.name} ${existing.type}`,
  detail: `${existing.content} (yours; kept in before.zone/)`,
});

function openConflict(conflict: AnsweredConflict): OpenConflict {
  const becomes = mergedText(conflict);
  return {
    key: conflict.key,
    name: conflict.existing.name,
    type: conflict.existing.type,
    content: conflict.existing.content,
    inTheWayOf: [...new Set(conflict.planned.map((each) => each.type))],
    isAdoptable: isAdoptable(conflict),
    ...(becomes === undefined ? {} : { becomes }),
  };
}
