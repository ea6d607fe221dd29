/**
 * What mail must do, in plain words, and by whom it is judged: programs that others wrote. A behaviour of two halves, one of
 * which can hold without the other, is two entries. `docs/mail/behaviours.md` has a row for each.
 */
export const mailBehaviours = {
  '1': 'Nobody relays through it without a login: over IPv4 and IPv6, in any way to write an address, and in the name of its own domains.',
  '2': 'Logs and emails have the client’s own address, IPv4 or IPv6, and never that of a proxy or a bridge.',
  '3': 'Passwords are asked for only after TLS, and never on port 25.',
  '4a': 'Ports 465, 587 and 993 serve TLS.',
  '4b': 'Ports 110 and 143 are closed.',
  '5a': 'The right app password logs in and a wrong one does not, by PLAIN and LOGIN.',
  '5b': 'A token of the login works; one that expired, is for another program or for another user does not.',
  '6': 'Tokens of 1,500 characters work over SMTP.',
  '7a': 'A user sends only from their own addresses and aliases.',
  '7b': 'The From line of what a user sends is one of their addresses, too.',
  '8': 'Email from outside in the name of one of its own domains does not reach the INBOX (DMARC).',
  '9': 'Verdicts of SPF, DKIM and DMARC are in Authentication-Results; such a header that came with the email is removed.',
  '10': 'What users send is signed for the domain of its From line, in each domain, and verifies with the published key.',
  '11': 'Bounces to other servers are signed, or pass SPF by the server’s name.',
  '12': 'Forwarded email has a valid ARC chain.',
  '13': 'Forwarded email leaves with a sender of this domain (SRS), and its bounces come back.',
  '14a':
    'Email to a name, an alias or an address with a tag arrives; to an unknown address it is refused with 550.',
  '14b': 'A catch-all address takes what no user has, and nothing else.',
  '15a': 'A user’s filter is uploaded over TLS (ManageSieve) and sorts their email.',
  '15b': 'An absence notice is sent once to each sender.',
  '16': 'A full mailbox is refused before the email is sent.',
  '17': 'A user who sends too much is slowed down with 451; others are not.',
  '22': 'Without the spam filter nothing is accepted.',
  '23': 'What looks like the end of an email, and is not, begins no second one (SMTP smuggling).',
  '24': 'Commands that a client sends before TLS is up do not count (STARTTLS injection).',
  '25a': 'Email goes out only over the key that the receiver’s DNS names (DANE).',
  '25b': 'Email goes out only over a valid certificate where the receiver’s policy asks for it (MTA-STS).',
  '26a': 'A new certificate is served at once, and connections that are open stay so.',
  '26b': 'The TLSA record names the key that is served.',
  '27': 'TLS is 1.2 or 1.3, with current ciphers and forward secrecy.',
  '28': 'A thousand accepted emails all arrive while programs, containers, Docker and the machine are killed; a kill of Dovecot repeats one at most.',
  '29': 'What the spam filter learned, and the keys that sign, outlive the containers.',
  '30': 'With a full disk email is refused for now and not lost, mailboxes can be read, and it recovers once there is space.',
  '33': 'VRFY and EXPN tell nothing; an email of the largest announced size arrives, and a larger one is refused at once.',
} as const;

export type MailBehaviour = keyof typeof mailBehaviours;
