import { z } from 'zod';

/** One check of `haven doctor`. */
export const findingSchema = z.strictObject({
  /** What it is about: the computer that haven runs on, the cloud in this directory, or its server. */
  about: z.enum(['computer', 'cloud', 'server']),
  name: z.string(),
  /** What it is required for. */
  purpose: z.string(),
  /**
   * `found`: works. `later`: not here, but not missed either: it is fetched when it is required, or only some commands
   * require it. `missing`: has to be fixed. `unreachable`: could not be asked.
   */
  state: z.enum(['found', 'later', 'missing', 'unreachable']),
  /** What was seen. */
  evidence: z.string(),
  /** What to do; empty if there is nothing to do. */
  remedy: z.string(),
});

export type Finding = z.infer<typeof findingSchema>;

export const found = (about: Finding['about'], name: string, purpose: string, evidence: string): Finding => ({
  about,
  name,
  purpose,
  state: 'found',
  evidence,
  remedy: '',
});
