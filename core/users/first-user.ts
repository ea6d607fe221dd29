import { ldap } from './ldap.ts';
import { type NewUser, userName } from './user.ts';

/** The owner of a cloud as its first user and administrator, by their name: Ada Lovelace logs in as ada. */
export function firstUser(owner: string): NewUser {
  const words = owner.trim().split(/\s+/);
  const givenName = words.slice(0, -1).join(' ') || words[0]!;
  const surname = words.at(-1)!;
  return { name: loginNameOf(words[0]!), givenName, surname, groups: [ldap.admins] };
}

/** `Jürgen` is jurgen: accents are separate characters in their decomposed form (Unicode Standard Annex 15). */
function loginNameOf(word: string): string {
  const name = word
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
  return userName.safeParse(name).success ? name : 'owner';
}
