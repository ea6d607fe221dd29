/**
 * The name under which the server itself is backed up, beside its services: `users/`, `certs/`, `trust/`,
 * `secrets/authority.pem`, and in `owner/` the files that the owner's computer sealed. It has no release.
 */
export const serverBackup = 'server';
