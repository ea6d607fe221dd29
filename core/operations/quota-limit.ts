/** GB in quotas: 10^9 bytes. */
const gb = 1e9;

/**
 * The limit of a quota in bytes. `isRaised`: a full database can't even start, so once its data has reached the limit
 * the agent raises it by 5 % and 64 MB. The bytes alone say which of both it is: no raised limit is a whole number of
 * GB. So what is in force is read from the file system, and nothing else has to be remembered.
 */
export const limitBytes = (quotaGb: number, { isRaised = false } = {}): number =>
  isRaised ? (quotaGb * gb * 105) / 100 + 64e6 : quotaGb * gb;

/** The quota of a limit, in GB. A fraction of a GB was set by something else, and is not a quota of a plan. */
export function quotaOf(bytes: number): { quotaGb: number; isRaised: boolean } {
  const raised = Math.round((bytes - 64e6) / 1.05 / gb);
  const isRaised = raised > 0 && limitBytes(raised, { isRaised: true }) === bytes;
  return isRaised ? { quotaGb: raised, isRaised } : { quotaGb: bytes / gb, isRaised: false };
}

/** What must happen to data at this use of its quota. */
export type QuotaMove = 'raise' | 'lower' | 'none';

/** Data that is this close to its limit is full: what a program writes next may not fit. */
export const fullFrom = 0.97;
/** A raised limit is lowered again once less than this part of the quota is in use. */
export const lowerBelow = 0.9;

export function quotaMove(usedBytes: number, limit: number): QuotaMove {
  const { quotaGb, isRaised } = quotaOf(limit);
  const quota = limitBytes(quotaGb);
  if (isRaised) return usedBytes < quota * lowerBelow ? 'lower' : 'none';
  return usedBytes >= quota * fullFrom ? 'raise' : 'none';
}
