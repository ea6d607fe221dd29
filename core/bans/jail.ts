import { fixedSubnets } from '../release/fixed-subnets.ts';
import { ipv6NetworkBits, logTag } from '../release/log-tag.ts';
import type { ReleaseFailedLogin } from '../release/release.ts';
import { banSets, banTable } from './ban-table.ts';

/**
 * What fail2ban is told about a service: a filter, which finds the address in the log lines that mean a failed login,
 * and a jail, which counts them and bans.
 */
export const jailName = (service: string): string => `haven-${service}`;

/** Where it reads them, below its folder. */
export const filterFile = (service: string): string => `filter.d/${jailName(service)}.conf`;
export const jailFile = (service: string): string => `jail.d/${jailName(service)}.conf`;

/** How guesses are answered, in seconds. A household behind one address survives its typos, a program that guesses doesn't. */
export const limits = {
  failures: 30,
  withinSeconds: 600,
  banSeconds: 600,
  longestBanSeconds: 86_400,
} as const;

/**
 * Never banned: the server itself over loopback, as login checks are, and Docker's networks (agent/server/server-files.ts), on
 * which services reach each other: all users of webmail have its one address. Over IPv6, loopback is counted as its network.
 */
const neverBanned = [
  ...['127.0.0.0/8', '::1', `::/${ipv6NetworkBits}`],
  ...['172.17.0.0/16', '172.18.0.0/15', fixedSubnets],
];

const written = '# Written by the haven agent; changes here are overwritten.';

/** fail2ban shows each line as `host tag[pid]: message`. All of that comes from Docker and the journal. */
export function renderFilter(service: string, failedLogins: ReleaseFailedLogin[]): string {
  const expressions = failedLogins.flatMap(({ container, pattern }) => {
    const tag = logTag(service, container);
    const tagWithNetwork = tag.replace(/\d+$/, '<CIDR>');
    return [
      `${linePrefix(tag)}${withAddress(pattern, '<IP4>')}`,
      `${linePrefix(tagWithNetwork)}${withAddress(pattern, '<IP6>')}`,
    ];
  });
  return `${written}\n[Definition]\nfailregex = ${expressions.join('\n            ')}\nignoreregex =\n`;
}

const linePrefix = (tag: string): string => String.raw`^\S+ ${tag}(?:\[\d+\])?: `;
const withAddress = (pattern: string, address: string): string =>
  pattern.replace(/^\^/, '').replace('{address}', address);

/** Each further ban of an address is twice as long as the one before (jail.conf of fail2ban, bantime.increment). */
export function renderJail(service: string, failedLogins: ReleaseFailedLogin[]): string {
  const containers = [...new Set(failedLogins.map(({ container }) => container))];
  // The unit keeps out every other program of the server: only Docker's lines count.
  const journals = containers.map(
    (container) => `_SYSTEMD_UNIT=docker.service CONTAINER_TAG=${logTag(service, container)}`,
  );
  return [
    written,
    `[${jailName(service)}]`,
    'enabled = true',
    'backend = systemd',
    `filter = ${jailName(service)}`,
    `journalmatch = ${journals.join(' + ')}`,
    'usedns = no',
    `maxretry = ${limits.failures}`,
    `findtime = ${limits.withinSeconds}`,
    `bantime = ${limits.banSeconds}`,
    'bantime.increment = true',
    'bantime.overalljails = true',
    `bantime.maxtime = ${limits.longestBanSeconds}`,
    // Its own addresses come over loopback, where the firewall refuses nobody; by this it would ask the DNS for its name.
    'ignoreself = false',
    `ignoreip = ${neverBanned.join(' ')}`,
    `action = ${banActionName}[service=${service}]`,
    '',
  ].join('\n');
}

const banActionName = 'haven-ban';
export const banActionFile = `action.d/${banActionName}.conf`;

/**
 * How fail2ban bans: an element in a set of the agent's own table, which ends there too if fail2ban is down. A ban that is
 * prolonged needs a new element, because an existing one keeps its time. When fail2ban stops, its bans stay.
 */
export function renderBanAction(): string {
  const set = `${banTable} ${banSets('<service>')('<family>')}`;
  const element = `${set} { <ip> timeout <bantime>s }`;
  const fresh = `add element ${element}; delete element ${set} { <ip> }; add element ${element}`;
  return [
    written,
    '[Definition]',
    `actionban = nft '${fresh}'`,
    `actionprolong = nft '${fresh}'`,
    // An element that has ended is no longer there.
    `actionunban = nft 'add element ${set} { <ip> }; delete element ${set} { <ip> }'`,
    'actionflush = true',
    '[Init]',
    'family = 4',
    '[Init?family=inet6]',
    'family = 6',
    '',
  ].join('\n');
}
