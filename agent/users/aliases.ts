import type { Client } from 'ldapts';
import {
  type AddressBook,
  type Alias,
  destinationOf,
  listAliases,
  listForward,
} from '../../core/addresses/address-book.ts';
import { asciiAddress } from '../../core/addresses/ascii-address.ts';
import { judgeAlias, type NewAlias } from '../../core/addresses/judge-alias.ts';
import { requiredMailboxes } from '../../core/mail/mailboxes.ts';
import { nearest, type Problem } from '../../core/problem.ts';
import { ldap } from '../../core/users/ldap.ts';
import { addAlias, addForward, readAddressBook, removeAddress } from '../effects/ldap-addresses.ts';

/** What `haven alias` asks of the agent. `domains` are those whose mail this cloud receives. */
export type AliasRequest =
  | { ask: 'aliases'; domains: string[] }
  | { ask: 'alias-add'; address: string; to: string[]; domains: string[] }
  | { ask: 'alias-remove'; address: string; domains: string[] };

/** Everything that is wrong with what was asked, when nothing was changed; or the address as it is now, or was. */
export type AliasAnswer = { problems: Problem[] } | { alias: Alias };

/** The caller holds the lock of all commands on users, so that nothing changes between a look and a change. */
export async function answerAliases(client: Client, request: AliasRequest): Promise<Alias[] | AliasAnswer> {
  const book = await readAddressBook(client);
  switch (request.ask) {
    case 'aliases':
      return listAliases(book, requiredMailboxes(request.domains), ldap.admins);
    case 'alias-add': {
      const judged = judgeAlias(request, request.domains, book);
      if ('problems' in judged) return judged;
      await add(client, judged.alias);
      return { alias: shown(judged.alias) };
    }
    case 'alias-remove':
      return remove(client, asciiAddress(request.address.trim().toLowerCase()), request.domains, book);
  }
}

async function add(client: Client, alias: NewAlias): Promise<void> {
  if (alias.isThere) return;
  if ('user' in alias) await addAlias(client, alias.address, alias.user);
  else await addForward(client, alias.forward);
}

const shown = (alias: NewAlias): Alias =>
  'user' in alias ? { address: alias.address, kind: 'alias', to: [alias.user] } : listForward(alias.forward);

async function remove(
  client: Client,
  address: string,
  domains: string[],
  book: AddressBook,
): Promise<AliasAnswer> {
  const required = requiredMailboxes(domains);
  const found = listAliases(book, required, ldap.admins).find((each) => each.address === address);
  if (!found) return { problems: [missing(address, domains, book)] };
  if (found.kind === 'required')
    return {
      problems: [
        {
          where: address,
          what: `is an address that a domain must have. It leads to the administrators.`,
          remedy: `To redirect it, run: haven alias add ${address} --to NAME`,
        },
      ],
    };
  await removeAddress(client, address, found.kind === 'alias' ? found.to[0] : undefined);
  return { alias: found };
}

function missing(address: string, domains: string[], book: AddressBook): Problem {
  const owner = destinationOf(book, domains, address);
  if (owner && !('forward' in owner)) {
    const whose = 'user' in owner ? owner.user.name : `the group ${owner.group}`;
    return {
      where: address,
      what: `is not an alias: it is the address of ${whose}.`,
      remedy: 'To see all aliases, run: haven alias list',
    };
  }
  const near = nearest(
    address,
    listAliases(book, [], ldap.admins).map((each) => each.address),
  );
  return {
    where: address,
    what: 'is not an alias of this cloud.',
    remedy: near ? `Did you mean "${near}"?` : 'To see all aliases, run: haven alias list',
  };
}
