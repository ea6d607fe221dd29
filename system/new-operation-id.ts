import { randomBytes } from 'node:crypto';

/** A name for an operation. Names sort by the time at which they were made. */
export const newOperationId = (): string =>
  `${new Date().toISOString().replaceAll(/[-:.]/g, '')}-${randomBytes(3).toString('hex')}`;
