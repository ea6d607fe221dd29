/** What an invitation email contains. */
export interface InvitationEmail {
  /** The haven's name. */
  haven: string;
  /** Name of the person who runs it, and reads replies; empty if not known. */
  owner: string;
  givenName: string;
  /** The name they log in with. */
  name: string;
  link: string;
  hours: number;
  /** Address of the users' own page, if there is one. */
  portal?: string | undefined;
}

/**
 * The email with a link to set a password: for a new user, or for one who forgot theirs. In both languages of the
 * users' pages, because the sender can't know which one they read.
 */
export function renderInvitation(email: InvitationEmail): { subject: string; text: string } {
  return {
    subject: `Set your password for ${email.haven} / Dein Passwort für ${email.haven}`,
    // A rule, but not "-- ": mail programs treat everything below that as a signature (RFC 3676 §4.3).
    text: `${english(email)}\n* * *\n\n${german(email)}`,
  };
}

const english = ({ haven, owner, givenName, name, link, hours, portal }: InvitationEmail): string =>
  paragraphs(
    `Hello ${givenName},`,
    `${owner ? `${owner} sends you this link` : 'use this link'} to set the password of your account on ${haven}. It works once and expires in ${hours} hours:`,
    link,
    [
      `Your user name: ${name}`,
      portal && `Later, you find everything at: ${portal}`,
      owner && `Questions? Reply to this email to reach ${owner}.`,
      'If you did not expect this email, ignore it.',
    ],
  );

const german = ({ haven, owner, givenName, name, link, hours, portal }: InvitationEmail): string =>
  paragraphs(
    `Hallo ${givenName},`,
    `${owner ? `${owner} schickt dir diesen Link. Damit legst du` : 'mit diesem Link legst du'} das Passwort für dein Konto bei ${haven} fest. Er funktioniert einmal und läuft in ${hours} Stunden ab:`,
    link,
    [
      `Dein Benutzername: ${name}`,
      portal && `Später findest du alles unter: ${portal}`,
      owner && `Fragen? Antworte auf diese E-Mail, um ${owner} zu erreichen.`,
      'Wenn du diese E-Mail nicht erwartet hast, ignoriere sie einfach.',
    ],
  );

const paragraphs = (...all: (string | (string | undefined)[])[]): string =>
  `${all.map((each) => (typeof each === 'string' ? each : each.filter(Boolean).join('\n'))).join('\n\n')}\n`;
