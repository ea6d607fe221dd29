import { judgeSignatures } from '../mail/virus-signatures.ts';
import type { Condition } from './condition.ts';

/** When the newest signatures of each service's virus scanner were made, in milliseconds since 1970. */
export type SignatureTimes = { service: string; madeAt: number }[];

/** Virus scanners that know nothing new. */
export const signaturesConditions = (times: SignatureTimes, now: number): Condition[] =>
  times.flatMap(({ service, madeAt }) => {
    const { isOld, what, fix } = judgeSignatures(service, madeAt, now);
    return isOld ? [{ kind: 'signatures', subject: service, what: `${what}.`, fix }] : [];
  });
