import { ofBanSet } from './ban-table.ts';

/** An address that can't reach this cloud for a while. Over IPv6 it is a network (core/release/log-tag.ts). */
export interface Ban {
  address: string;
  service: string;
  /** ISO 8601, UTC. */
  since: string;
  until: string;
}

/** What `nft --json list table` prints, as far as it is read here. */
interface Ruleset {
  nftables: { set?: { name: string; elem?: Element[] } }[];
}
type Value = string | { prefix: { addr: string; len: number } };
type Element = Value | { elem: { val: Value; timeout?: number; expires?: number } };

export const setsIn = (json: string): string[] =>
  (JSON.parse(json) as Ruleset).nftables.flatMap(({ set }) => (set ? [set.name] : []));

/** The bans of the table, oldest first. `now` in milliseconds since 1970. */
export function bansIn(json: string, now: number): Ban[] {
  const sets = (JSON.parse(json) as Ruleset).nftables.flatMap(({ set }) => (set ? [set] : []));
  const bans = sets.flatMap(({ name, elem = [] }) => {
    const service = ofBanSet(name)?.service;
    return service === undefined ? [] : elem.map((each) => banOf(service, each, now));
  });
  return bans.sort((a, b) => a.since.localeCompare(b.since) || a.address.localeCompare(b.address));
}

function banOf(service: string, element: Element, now: number): Ban {
  const {
    val,
    timeout = 0,
    expires = 0,
  } = typeof element === 'object' && 'elem' in element ? element.elem : { val: element };
  const address = typeof val === 'string' ? val : `${val.prefix.addr}/${val.prefix.len}`;
  // nftables says whole seconds.
  const at = (seconds: number) => new Date((Math.round(now / 1000) + seconds) * 1000).toISOString();
  return { address, service, since: at(expires - timeout), until: at(expires) };
}
