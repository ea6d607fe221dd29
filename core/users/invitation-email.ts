/** What an invitation email contains. */
export interface InvitationEmail {
  /** The haven's name. */
  haven: string;
  givenName: string;
  /** The name they log in with. */
  name: string;
  link: string;
  hours: number;
}

/** The letter to somebody who is invited, in both languages that users's pages speak: who writes it can't know theirs. */
export function renderInvitation({ haven, givenName, name, link, hours }: InvitationEmail): {
  subject: string;
  text: string;
} {
  return {
    subject: `${haven}: your way in / Ihr Zugang`,
    text: [
      `Hello ${givenName},`,
      '',
      `this link is your way into ${haven}. There you choose a password. It works once, for ${hours} hours:`,
      '',
      link,
      '',
      `Your name to log in with is: ${name}`,
      'If you did not expect this, do nothing.',
      '',
      // A rule, but not "-- ": mail programs take all below that for a signature (RFC 3676 §4.3).
      '* * *',
      '',
      `Guten Tag ${givenName},`,
      '',
      `dieser Link ist Ihr Zugang zu ${haven}. Dort wählen Sie ein Passwort. Er gilt einmal, ${hours} Stunden lang; es ist der Link von oben.`,
      '',
      `Ihr Name zum Anmelden: ${name}`,
      'Wenn Sie das nicht erwartet haben, brauchen Sie nichts zu tun.',
      '',
    ].join('\n'),
  };
}
