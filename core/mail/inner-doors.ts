/**
 * Where other services of this cloud reach mail: on the network that it has with each of them, under the names of its
 * programs, with STARTTLS and without the PROXY protocol. Only tokens of the login are accepted there. All users of such a
 * service have one address, so a guessed password could not be answered by a ban.
 */
export const innerDoors = {
  /** RFC 9051. */
  imap: { program: 'dovecot', port: 1144 },
  /** RFC 6409. */
  submission: { program: 'postfix', port: 1587 },
  /** ManageSieve (RFC 5804). */
  sieve: { program: 'dovecot', port: 4191 },
} as const;

/** The programs of mail that such a service reaches. */
export const innerPrograms: string[] = [
  ...new Set(Object.values(innerDoors).map(({ program }) => program)),
].sort();

/** A door as programs take it: `dovecot:1144`. */
export const innerAddress = (door: keyof typeof innerDoors): string =>
  `${innerDoors[door].program}:${innerDoors[door].port}`;

/**
 * The client scope at the login whose tokens open mail, and their audience (RFC 9068 §3). A service with `needs.mail` gets it,
 * and no other.
 */
export const mailScope = 'mail';
