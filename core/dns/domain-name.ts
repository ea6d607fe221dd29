import { z } from 'zod';
import { describeDomainFault } from './describe-domain-fault.ts';
import { domainPattern } from './domain-pattern.ts';

/** A name in DNS, as an owner writes it. It knows no capitals (RFC 4343). `kind` is what is asked for, with an example. */
export const domainName = (kind = 'a domain name (for example: example.org)') =>
  z
    .string()
    .toLowerCase()
    .regex(domainPattern, { error: ({ input }) => describeDomainFault(String(input), kind) });
