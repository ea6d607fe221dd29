import { isDsOf, renderDs } from '../dns/ds.ts';
import type { PlannedZone } from '../dns/planned-zone.ts';
import { publisherOf, registrarEntries } from '../dns/registrar-entries.ts';
import type { Ds, ZoneSigning } from '../dns/zone-signing.ts';
import type { MailCheck } from './mail-check.ts';

/** What was seen of a zone's DNSSEC. */
export interface DnssecSeen {
  /** By its DNS provider; left out if that can't be told to sign, or if it did not answer. */
  signing?: ZoneSigning;
  /** Why the provider did not answer. */
  why?: string;
  /** The DS records that the zone above publishes; left out if the DNS did not answer. */
  published?: Ds[];
}

/**
 * Judges DNSSEC of a zone with mail. A published DS record that fits no key is worse than none: a resolver that
 * validates answers nothing about the domain then (RFC 4035 §5.5), so there is no mail and no page.
 */
export function judgeDnssec({ name, dns, dnssec }: PlannedZone, seen: DnssecSeen): MailCheck {
  const { signing, why, published } = seen;
  const unknown = (evidence: string, remedy: string): MailCheck => ({
    ...about(name),
    result: 'unknown',
    evidence,
    remedy,
  });
  const bad = (evidence: string, remedy: string): MailCheck => ({
    ...about(name),
    result: 'bad',
    evidence,
    remedy,
  });
  const good = (evidence: string): MailCheck => ({ ...about(name), result: 'good', evidence });
  if (why !== undefined) return unknown(why, 'Check the token of your DNS provider, then try again.');
  if (!published)
    return unknown('the DNS does not answer', 'Check that this computer is online, then try again.');
  const records = published.map(renderDs).join(', ');
  if (!signing)
    return published.length === 0
      ? unknown(
          `haven can't sign it (dns: ${dns})`,
          "Other mail servers don't check its TLSA records. If your DNS provider offers DNSSEC, enable it there.",
        )
      : unknown(
          `you sign it (dns: ${dns}): DS ${records}`,
          'Whether that fits your key, only your DNS provider can tell.',
        );
  const { state, key } = signing;
  const fits = key !== undefined && published.some((ds) => isDsOf(name, key, ds));
  const publisher = publisherOf(name);
  if (!fits && published.length > 0)
    return bad(
      `unreachable for everyone who validates: ${publisher} has DS ${records}, and the zone ${key ? 'is signed with another key' : 'is not signed'}`,
      key
        ? `Replace it at ${publisher}, now, by one of:\n${registrarEntries(key).join('\n')}`
        : `Remove it at ${publisher}, now.`,
    );
  if (dnssec === 'off')
    return good(fits ? `signed, DS ${records}` : 'left as it is, as haven.yaml says (dnssec: false)');
  if (state === 'failed')
    return bad(
      'your DNS provider reports an error with DNSSEC',
      'Look at DNSSEC of the zone there, then run: haven up',
    );
  if (state === 'off') return bad('the zone is not signed', 'Run: haven up');
  if (state === 'ending')
    return bad(
      'the zone is signed, and DNSSEC was disabled at its DNS provider',
      'To enable it again, run: haven up',
    );
  if (fits) return good(`signed, and ${publisher} has its DS record: ${records}`);
  if (!key) return unknown('your DNS provider does not show its key', 'Try again in some minutes.');
  return bad(
    `signed, and waits for ${publisher}`,
    `Enter at ${publisher} what it asks for, one of:\n${registrarEntries(key).join('\n')}\nIt can take some hours until that is seen everywhere.`,
  );
}

const about = (zone: string) => ({ what: `DNSSEC ${zone}` });
