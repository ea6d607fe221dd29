import type { PlannedZone } from './planned-zone.ts';
import { publisherOf, registrarEntries } from './registrar-entries.ts';
import type { ZoneSigning } from './zone-signing.ts';

/** What is known of each zone's DNSSEC, by its name; nothing of a zone whose DNS provider can't sign. */
export type KnownSigning = ReadonlyMap<string, ZoneSigning>;

/** The zones of a plan that haven has signed, where it can. */
export const zonesToSign = (zones: PlannedZone[]): PlannedZone[] =>
  zones.filter(({ dnssec }) => dnssec === 'on');

/** What a plan says about DNSSEC besides its changes: one line for each zone that others can't trust yet. */
export const describeSigning = (zones: PlannedZone[], known: KnownSigning): string[] =>
  zonesToSign(zones).flatMap(({ name, dns }) => {
    const signing = known.get(name);
    if (!signing)
      return [
        `DNSSEC: haven can't sign ${name} (dns: ${dns}), so other mail servers don't check its TLSA records, unless you sign it.`,
      ];
    if (signing.state !== 'waiting') return [];
    return [
      `DNSSEC: ${name} waits for ${publisherOf(name)}. To see what to enter there, run: haven mail check`,
    ];
  });

/** What an owner has to enter at their registrar, for each zone that waits for it. */
export const describeWaiting = (zones: PlannedZone[], known: KnownSigning): string[] =>
  zonesToSign(zones).flatMap(({ name }) => {
    const { state, key } = known.get(name) ?? {};
    if (state !== 'waiting' || !key) return [];
    return [
      `DNSSEC of ${name} waits for ${publisherOf(name)}. Enter there what it asks for, one of:`,
      ...registrarEntries(key).map((each) => `  ${each}`),
    ];
  });
