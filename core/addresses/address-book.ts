/**
 * Who receives email in this cloud. A user always has `<name>@<each mail domain>`, and a group `<group>@<each mail domain>`;
 * the other addresses are in here. All addresses are in lower case.
 */
export interface AddressBook {
  users: UserAddresses[];
  /** Names. */
  groups: string[];
  forwards: Forward[];
}

export interface UserAddresses {
  name: string;
  /** Their main address. It may be in a domain whose mail this cloud does not receive. */
  email: string;
  /** They also log in to mail programs and send with these. */
  aliases: string[];
}

/**
 * An address without a mailbox of its own, and where its email goes. The address `@<domain>` is a catch-all: it gets what
 * is written to addresses of that domain that lead nowhere else.
 */
export interface Forward {
  address: string;
  users: string[];
  groups: string[];
  /** Addresses elsewhere, or of other forwards. */
  addresses: string[];
}

/** An address besides those of names, as it is listed. */
export interface Alias {
  address: string;
  /** `required`: what a domain must have (core/mail/mailboxes.ts), and nobody has redirected. */
  kind: 'alias' | 'forward' | 'catch-all' | 'required';
  /** Names of users and groups, and addresses. Empty if all of them were removed: email to it is refused. */
  to: string[];
}

/** What an address leads to. */
export type Destination = { user: UserAddresses } | { group: string } | { forward: Forward };

export const isCatchAll = (address: string): boolean => address.startsWith('@');

export const destinationsOf = ({ users, groups, addresses }: Forward): string[] => [
  ...users,
  ...groups,
  ...addresses,
];

/** What an address in one of `domains` leads to, catch-alls left out; undefined where email to it is refused. */
export function destinationOf(
  book: AddressBook,
  domains: string[],
  address: string,
): Destination | undefined {
  const name = nameIn(domains, address);
  const user =
    book.users.find((each) => each.name === name) ??
    book.users.find(({ email, aliases }) => email === address || aliases.includes(address));
  if (user) return { user };
  const forward = book.forwards.find((each) => each.address === address);
  if (forward) return { forward };
  return name !== undefined && book.groups.includes(name) ? { group: name } : undefined;
}

/** The part before the @ of an address in one of `domains`. */
function nameIn(domains: string[], address: string): string | undefined {
  const [name, domain = ''] = address.split('@');
  return domains.includes(domain) ? name : undefined;
}

/** A forward as it is listed. */
export const listForward = (forward: Forward): Alias => ({
  address: forward.address,
  kind: isCatchAll(forward.address) ? 'catch-all' : 'forward',
  to: destinationsOf(forward),
});

/** All addresses besides those of names, in the order of the alphabet; `required` are those that lead to `admins`. */
export function listAliases(book: AddressBook, required: string[], admins: string): Alias[] {
  const owned: Alias[] = [
    ...book.users.flatMap(({ name, aliases }) =>
      aliases.map((address): Alias => ({ address, kind: 'alias', to: [name] })),
    ),
    ...book.forwards.map(listForward),
  ];
  const taken = new Set(owned.map(({ address }) => address));
  return [
    ...owned,
    ...required
      .filter((address) => !taken.has(address))
      .map((address): Alias => ({ address, kind: 'required', to: [admins] })),
  ].sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** The alias or forward that email to `<name>@…` reaches now, and would not once a user had that name. */
export function hiddenBy(
  book: AddressBook,
  name: string,
  own?: string,
): { address: string; to: string[] } | undefined {
  return listAliases(book, [], '').find(
    ({ address, to, kind }) =>
      address.startsWith(`${name}@`) && !(kind === 'alias' && own !== undefined && to.includes(own)),
  );
}
