/** The entry in haven.lock for an image that is built from one of our folders: its name and the folder's hash. */
export const builtReference = (name: string, contextHash: string): string =>
  `openhaven/${name}:${contextHash}`;

/** The short name of a build folder: `images/caddy` → `caddy`; a service's own folder → `<service>-<image>`. */
export const builtName = (service: string, image: string, folder: string): string =>
  folder.startsWith('images/') ? folder.slice('images/'.length) : `${service}-${image}`;

/** Whether this is a stub for an image that could not be pulled. */
export const isStub = (reference: string): boolean => /^openhaven\/[a-z0-9-]+-stub:/.test(reference);

/** Whether an image was built from a folder, in any of its versions. */
export const isBuiltFrom = (reference: string, folder: string): boolean =>
  reference.startsWith(`openhaven/${folder.replace(/^.*\//, '')}:`);
