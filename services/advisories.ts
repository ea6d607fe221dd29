/** A security advisory of a program in the catalogue, and the version that fixed it. */
export interface Advisory {
  /** The service's id. */
  service: string;
  fixedIn: string;
  id: string;
  what: string;
}

/**
 * Advisories that a version of ours must not have. A release note that names one adds a line here; the contract then
 * refuses an older version of that service for ever.
 */
export const advisories: Advisory[] = [
  {
    service: 'vaultwarden',
    fixedIn: '1.35.3',
    id: 'GHSA-h265-g7rm-h337',
    what: 'items of other collections could be read',
  },
  {
    service: 'vaultwarden',
    fixedIn: '1.35.5',
    id: 'GHSA-569v-845w-g82p',
    what: 'groups gave access to another organisation',
  },
  {
    service: 'vaultwarden',
    fixedIn: '1.35.5',
    id: 'GHSA-937x-3j8m-7w7p',
    what: 'an unconfirmed owner could delete a vault of an organisation',
  },
  {
    service: 'vaultwarden',
    fixedIn: '1.35.5',
    id: 'GHSA-6j4w-g4jh-xjfx',
    what: 'refresh tokens outlived a new security stamp',
  },
  {
    service: 'vaultwarden',
    fixedIn: '1.37.0',
    id: 'GHSA-hw4g-2v3f-74x5',
    what: 'the icon service reached inner addresses',
  },
  {
    service: 'vaultwarden',
    fixedIn: '1.37.0',
    id: 'GHSA-xwf8-pjh7-h589',
    what: 'items of another organisation could be reached',
  },
];

/** Is a version older than another, number by number? What follows a hyphen does not count. */
export function isOlder(version: string, than: string): boolean {
  const numbers = (text: string) => text.split('-')[0]!.split('.').map(Number);
  const [ours, theirs] = [numbers(version), numbers(than)];
  for (let at = 0; at < Math.max(ours.length, theirs.length); at++) {
    const difference = (ours[at] ?? 0) - (theirs[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
