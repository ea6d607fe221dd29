import type { Change } from './changes.ts';
import type { ChangeLine } from './describe-change.ts';

/** What a plan does, for readers who don't read its lines. */
export interface PlanSummary {
  /** `Creates 1 server, 7 services and 22 DNS records`, one for each kind of change. */
  does: string[];
  /** What stops, and for how long, each once. */
  stops: string[];
  /** How long `haven up` will probably take, in minutes, at least 1; 0 if nothing changes. */
  minutes: number;
}

/** What is counted, by how lines name it; the rest belongs to the server. */
const nouns: Record<string, [one: string, many: string]> = {
  Server: ['server', 'servers'],
  Volume: ['volume', 'volumes'],
  Service: ['service', 'services'],
  Certificate: ['certificate', 'certificates'],
  DNS: ['DNS record', 'DNS records'],
  'DNS by hand': ['DNS record that you enter', 'DNS records that you enter'],
  DNSSEC: ['signed zone', 'signed zones'],
};
const verbs = {
  create: 'Creates',
  update: 'Changes',
  replace: 'Replaces',
  delete: 'Removes',
} as const;

export function summarise(lines: ChangeLine[]): PlanSummary {
  const does = Object.entries(verbs).flatMap(([kind, verb]) => {
    const counted = countOf(lines.filter((each) => each.kind === kind));
    return counted === '' ? [] : [`${verb} ${counted}`];
  });
  const stops = [...new Set(lines.flatMap((each) => each.stops ?? []))];
  return { does, stops, minutes: estimateMinutes(lines) };
}

function countOf(lines: ChangeLine[]): string {
  const counts = Object.entries(nouns).flatMap(([what, [one, many]]) => {
    const count = lines.filter((each) => each.what === what).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  });
  const others = lines.filter((each) => !(each.what in nouns)).length;
  // With a server come its addresses, firewall and keys.
  const isServer = lines.some(({ what }) => what === 'Server');
  if (others > 0 && !isServer) counts.push(`${others} ${others === 1 ? 'part' : 'parts'} of the server`);
  return inWords(counts);
}

const inWords = (parts: string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;

/**
 * Seconds that a step takes on a small server, as an estimate: those of services are near what a sandbox took
 * (docs/measured.md). How long a rented server takes to boot and to install Debian's packages has not been measured.
 */
const seconds = { base: 15, server: 180, newService: 25, changedService: 15, certificate: 3 };

function estimateMinutes(lines: ChangeLine[]): number {
  if (lines.length === 0) return 0;
  const count = (what: string, ...kinds: Change['kind'][]) =>
    lines.filter((each) => each.what === what && kinds.includes(each.kind)).length;
  const total =
    seconds.base +
    seconds.server * count('Server', 'create', 'replace') +
    seconds.newService * count('Service', 'create', 'replace') +
    seconds.changedService * count('Service', 'update', 'delete') +
    seconds.certificate * count('Certificate', 'create', 'update', 'replace');
  return Math.ceil(total / 60);
}

/** From so many lines of one kind on, a plan shows one line for all of them. */
const collapsedFrom = 4;

/**
 * The lines of a plan, in which many things that are created are one line, with their number. What is changed, replaced
 * or removed is always a line of its own.
 */
export function collapseCreated(lines: ChangeLine[]): ChangeLine[] {
  const created = (what: string) => lines.filter((each) => each.kind === 'create' && each.what === what);
  const isCollapsed = ({ kind, what, data }: ChangeLine) =>
    kind === 'create' && data === undefined && what !== 'Service' && created(what).length >= collapsedFrom;
  return lines.flatMap((line) => {
    if (!isCollapsed(line)) return [line];
    const all = created(line.what);
    return line === all[0] ? [{ ...line, name: `${all.length} in all`, detail: namesOf(all) }] : [];
  });
}

/** The first names, each once: records of different types share one. */
function namesOf(lines: ChangeLine[]): string {
  const names = [...new Set(lines.map(({ name }) => name.replace(/ [A-Z]+$/, '')))];
  const shown = names.slice(0, 3);
  return names.length > shown.length ? `${shown.join(', ')} …` : shown.join(', ');
}
