import { z } from 'zod';

/** What several commands print with `--json`. Each command exports its own as `output`. */
export const userOutput = z.strictObject({
  name: z.string(),
  givenName: z.string(),
  surname: z.string(),
  email: z.string(),
  groups: z.array(z.string()),
  /** False: disabled, so no login anywhere. */
  enabled: z.boolean(),
});

/** A user who was changed. `notes`: what services said about it, as sentences. */
export const changedUserOutput = userOutput.extend({ notes: z.array(z.string()) });
export type ChangedUser = z.infer<typeof changedUserOutput>;

/** An address besides those of names, and where its email goes: users, groups and addresses. */
export const aliasOutput = z.strictObject({
  address: z.string(),
  kind: z.enum(['alias', 'forward', 'catch-all', 'required']),
  to: z.array(z.string()),
});

export const invitationOutput = z.strictObject({
  name: z.string(),
  link: z.url(),
  /** For how many hours the link works. */
  hours: z.number(),
  /** Where it was sent by email; with `why`, it was not. */
  sent: z.strictObject({ to: z.string(), why: z.string().optional() }).optional(),
});

export const oneTimePasswordOutput = z.strictObject({
  name: z.string(),
  oneTimePassword: z.string(),
  address: z.url(),
});

/** An address that can't reach this cloud for a while; over IPv6 a network. */
export const banOutput = z.strictObject({
  address: z.string(),
  /** Where its failed logins were. */
  service: z.string(),
  since: z.string(),
  until: z.string(),
});

export const serviceStateOutput = z.strictObject({
  service: z.string(),
  /** Hash of the release that serves; null when the service is not on the server. */
  release: z.string().nullable(),
  linked: z.string().nullable(),
  /** The operation that is not finished, if any. */
  open: z.string().nullable(),
  inMaintenance: z.boolean(),
  switchedOff: z.boolean(),
  healthy: z.boolean(),
  /** What of it at other services is not as its release says. */
  differs: z.array(z.string()),
  /** What its data uses of the volume; empty on a volume without quotas. */
  quotas: z.array(
    z.strictObject({
      name: z.string(),
      usedBytes: z.number(),
      quotaGb: z.number().nullable(),
      /** The data was full, so the server raised its limit a little. */
      isRaised: z.boolean(),
    }),
  ),
  /** For how long the last change kept it in maintenance. */
  stoppedSeconds: z.number().nullable(),
  /** Why it is not healthy although its containers may be. */
  problem: z.string().nullable(),
});

export const serviceStatusOutput = z.strictObject({
  service: z.string(),
  good: z.boolean(),
  evidence: z.string(),
  url: z.url().optional(),
});

/** Images that a server gets, and where they come from. */
export const shownImagesOutput = z.strictObject({
  /** All that is downloaded, in MB (10^6 bytes), each image once. */
  megabytes: z.int(),
  list: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string(),
      digest: z.string(),
      /** What is downloaded for it. What several images are built on counts for each. */
      megabytes: z.int(),
      /** Images at their registries by name, and Debian's packages. */
      from: z.array(z.string()),
      /** Whether the server builds it itself, on Debian's image. */
      isBuilt: z.boolean(),
      services: z.array(z.string()),
    }),
  ),
});
