/** What haven.lock says of an image that is built from a folder of ours: its name and the hash of that folder. */
export const builtReference = (name: string, contextHash: string): string =>
  `openhaven/${name}:${contextHash}`;

/** The short name of a build folder: `images/caddy` → `caddy`; a service's own folder → `<service>-<image>`. */
export const builtName = (service: string, image: string, folder: string): string =>
  folder.startsWith('images/') ? folder.slice('images/'.length) : `${service}-${image}`;

/** Does this stand in for an image that could not be had? */
export const isStub = (reference: string): boolean => /^openhaven\/[a-z0-9-]+-stub:/.test(reference);
