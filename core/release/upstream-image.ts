import { z } from 'zod';

/**
 * What upstream's image has, for an image that servers pull as it is: `images/<name>/upstream.json`. Services may use
 * nothing else of it, and what a sandbox builds in its place has the same tools.
 */
export const upstreamImageSchema = z.strictObject({
  /** The image that these facts are about, by name and exact tag. */
  image: z.string(),
  /** Where they were read: upstream's own Dockerfile. */
  source: z.url(),
  /** `any` if it runs as every user that it is told to run as; otherwise the only one. */
  user: z.union([z.literal('any'), z.string().regex(/^\d+:\d+$/)]),
  entrypoint: z.array(z.string()),
  command: z.array(z.string()),
  /** Programs and scripts that can be run by their path, and folders for data. */
  paths: z.array(z.string().startsWith('/')),
  /** Programs that can be run by their name. */
  tools: z.array(z.string()),
});
export type UpstreamImage = z.infer<typeof upstreamImageSchema>;

/** What containers show of the image that a sandbox builds in the place of upstream's. */
export const builtHereLabel = 'openhaven.built-here';
