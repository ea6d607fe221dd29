import { domainPattern } from '../dns/domain-pattern.ts';
import { nearest, type Problem } from '../problem.ts';
import {
  type AddressBook,
  destinationOf,
  destinationsOf,
  type Forward,
  hiddenBy,
  isCatchAll,
} from './address-book.ts';
import { asciiAddress } from './ascii-address.ts';

/** An address to be added, as it was typed: `to` are names of users or groups, and addresses. */
export interface AskedAlias {
  address: string;
  to: string[];
}

/** What is added: another address of one user, or a forward. `isThere`: exactly this exists already. */
export type NewAlias = { isThere: boolean } & ({ address: string; user: string } | { forward: Forward });

/** Either what has to be added, or everything that is wrong with it. `domains` are those whose mail this cloud receives. */
export function judgeAlias(
  asked: AskedAlias,
  domains: string[],
  book: AddressBook,
): { problems: Problem[] } | { alias: NewAlias } {
  const address = asciiAddress(asked.address.trim().toLowerCase());
  const targets = [...new Set(asked.to.map((each) => asciiAddress(each.trim())))].map((typed) =>
    findTarget(typed, { address, domains, book }),
  );
  const forward: Forward = { address, users: [], groups: [], addresses: [] };
  for (const target of targets) {
    if ('user' in target) forward.users.push(target.user);
    if ('group' in target) forward.groups.push(target.group);
    if ('address' in target) forward.addresses.push(target.address);
  }
  // One user or address can be named in several ways.
  for (const key of ['users', 'groups', 'addresses'] as const) forward[key] = [...new Set(forward[key])];
  const existing = existingAs(address, book);
  const isThere = existing !== undefined && isSame(existing, destinationsOf(forward));
  const problems = [
    addressProblem(address, asked, domains) ?? (isThere ? undefined : takenProblem(address, domains, book)),
    ...(targets.length === 0 ? [noTarget(address)] : []),
    ...targets.map((target) => ('problem' in target ? target.problem : undefined)),
  ].filter((each) => each !== undefined);
  if (problems.length > 0) return { problems };
  const [user] = forward.users;
  const isOfOneUser = user !== undefined && destinationsOf(forward).length === 1 && !isCatchAll(address);
  return { alias: isOfOneUser ? { isThere, address, user } : { isThere, forward } };
}

/**
 * Why no user or group can get this name: email to an alias would silently go elsewhere. `own` is the user who has it now, if
 * it is a new name of theirs.
 */
export function nameProblem(name: string, book: AddressBook, own?: string): Problem | undefined {
  const hidden = hiddenBy(book, name, own);
  return (
    hidden && {
      where: name,
      what: `can't be a new name: ${hidden.address} leads to ${hidden.to.join(', ') || 'nobody'}.`,
      remedy: `Choose another name, or free the address first: haven alias remove ${hidden.address}`,
    }
  );
}

const example = 'for example: haven alias add club@example.org --to ada';

/** RFC 5321 §4.5.3.1: octets before the @, and in a whole address (a path of 256 less its brackets). */
const most = { local: 64, address: 254 };

/** What a new address may be: narrower than RFC 5321 §4.1.2, whose `!` and `%` other servers take for a route. */
const localPattern = /^[a-z0-9_'-]+(\.[a-z0-9_'-]+)*$/;
/** What an address elsewhere may be (RFC 5321 §4.1.2, dot-string). */
const foreignPattern = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;

function addressProblem(address: string, { to }: AskedAlias, domains: string[]): Problem | undefined {
  const wrong = (what: string, remedy: string): Problem => ({ where: address || 'ADDRESS', what, remedy });
  const [local, domain, ...more] = address.split('@');
  if (local === undefined || domain === undefined || more.length > 0)
    return wrong('is not an email address.', `Write it in full, ${example}`);
  if (!domains.includes(domain)) {
    const meant = nearest(domain, domains);
    return wrong(
      `is not in a domain whose mail this cloud receives (${domains.join(', ')}).`,
      meant
        ? `Did you mean "${local}@${meant}"?`
        : `Choose one of these domains, or add "${domain}" to the option "domains" of mail in haven.yaml. Then run: haven up`,
    );
  }
  if (local === '*')
    return wrong(
      'is not an email address; a catch-all has nothing before the @.',
      `Run: ${command({ address: `@${domain}`, to })}`,
    );
  if (isCatchAll(address)) return undefined;
  if (local.includes('+'))
    return wrong(
      `has a tag: email to ${local.split('+')[0]}+ANYTHING@${domain} already goes where ${local.split('+')[0]}@${domain} goes.`,
      'Choose an address without "+".',
    );
  if (local.length > most.local)
    return wrong(`has more than ${most.local} characters before the @.`, 'Choose a shorter one.');
  if (address.length > most.address)
    return wrong(`has more than ${most.address} characters.`, 'Choose a shorter one.');
  if (!localPattern.test(local))
    return wrong(
      'may have only lower-case letters, digits, hyphens, underscores, apostrophes and single dots before the @.',
      'Choose another address.',
    );
  if (local.startsWith('haven-')) return wrong('is reserved for this cloud.', 'Choose another address.');
  return undefined;
}

function takenProblem(address: string, domains: string[], book: AddressBook): Problem | undefined {
  const found = destinationOf(book, domains, address);
  if (!found) return undefined;
  if ('forward' in found) return existsProblem(address, destinationsOf(found.forward));
  if ('group' in found)
    return {
      where: address,
      what: `already leads to the members of the group ${found.group}.`,
      remedy: `Choose another address. To change its members, run: haven user groups NAME --join ${found.group}`,
    };
  const { name, aliases } = found.user;
  if (aliases.includes(address)) return existsProblem(address, [name]);
  return {
    where: address,
    what: `is the address of ${name}.`,
    remedy: `Choose another address. To send their email elsewhere, ${name} makes a filter in a mail program.`,
  };
}

const existsProblem = (address: string, to: string[]): Problem => ({
  where: address,
  what: `already leads to ${to.join(', ') || 'nobody'}.`,
  remedy: `To change it, first run: haven alias remove ${address}`,
});

const noTarget = (address: string): Problem => ({
  where: '--to',
  what: 'is missing: where does email to it go?',
  remedy: `Name a user, a group or an address, for example: haven alias add ${address} --to ada`,
});

type Target = { user: string } | { group: string } | { address: string } | { problem: Problem };
interface Where {
  address: string;
  domains: string[];
  book: AddressBook;
}

function findTarget(typed: string, { address, domains, book }: Where): Target {
  const wrong = (what: string, remedy: string): Target => ({
    problem: { where: `--to ${typed}`, what, remedy },
  });
  const lower = typed.toLowerCase();
  if (!typed.includes('@')) {
    if (book.users.some(({ name }) => name === lower)) return { user: lower };
    if (book.groups.includes(lower)) return { group: lower };
    const meant = nearest(lower, [...book.users.map(({ name }) => name), ...book.groups]);
    return wrong(
      'there is no such user or group.',
      meant ? `Did you mean "${meant}"?` : 'To see all users, run: haven user list',
    );
  }
  const [local = '', domain = '', ...more] = typed.split('@');
  const host = domain.toLowerCase();
  if (/\P{ASCII}/u.test(local))
    return wrong(
      'has characters before the @ that not every mail server accepts (SMTPUTF8).',
      'Name another address of theirs, with ASCII characters alone.',
    );
  if (
    more.length > 0 ||
    !foreignPattern.test(local) ||
    !domainPattern.test(host) ||
    local.length > most.local ||
    typed.length > most.address
  )
    return wrong('is not an email address.', 'Write it in full, for example: friend@example.com');
  if (!domains.includes(host)) return { address: `${local}@${host}` };
  if (lower === address) return wrong('is the address itself.', 'Name where its email goes.');
  const found = destinationOf(book, domains, lower);
  if (!found)
    return wrong(
      'does not exist: email to it is refused.',
      'Name a user, a group or an address that exists. To see which there are, run: haven alias list',
    );
  if ('user' in found) return { user: found.user.name };
  if ('group' in found) return { group: found.group };
  const path = pathBack(found.forward, address, book);
  if (path) return wrong(`leads back to ${address}: ${path.join(' → ')}.`, 'Name another destination.');
  return { address: lower };
}

/** How a forward leads to `address`, over other forwards; undefined if it does not. */
function pathBack(
  from: Forward,
  address: string,
  book: AddressBook,
  seen: string[] = [],
): string[] | undefined {
  if (seen.includes(from.address)) return undefined;
  for (const each of from.addresses) {
    if (each === address) return [from.address, address];
    const next = book.forwards.find((forward) => forward.address === each);
    const path = next && pathBack(next, address, book, [...seen, from.address]);
    if (path) return [from.address, ...path];
  }
  return undefined;
}

/** Where an alias or forward of exactly this address leads. */
function existingAs(address: string, { users, forwards }: AddressBook): string[] | undefined {
  const forward = forwards.find((each) => each.address === address);
  if (forward) return destinationsOf(forward);
  const owner = users.find(({ aliases }) => aliases.includes(address));
  return owner && [owner.name];
}

const isSame = (a: string[], b: string[]): boolean =>
  a.length === b.length && a.every((each) => b.includes(each));

const command = ({ address, to }: AskedAlias): string =>
  ['haven alias add', address, ...to.map((each) => `--to ${each}`)].join(' ');
