/**
 * What the DNS answered to a question: each record as text, empty where there is none. `silent`: nothing answered. `error`: a
 * resolver answered that it can't tell, because the name servers of the domain or its DNSSEC do not work.
 */
export type DnsAnswer = string[] | 'silent' | 'error';

/** Of a question that was not answered: what was seen, and what to do. */
export const unanswered: Record<'silent' | 'error', { result: 'unknown'; evidence: string; remedy: string }> =
  {
    silent: {
      result: 'unknown',
      evidence: 'the DNS does not answer',
      remedy: 'Check that this computer is online, then try again.',
    },
    error: {
      result: 'unknown',
      evidence: 'the DNS answers with an error',
      remedy:
        'The name servers of the domain or its DNSSEC do not work. Do what the section DNSSEC says. If it says nothing, ask your DNS provider.',
    },
  };
