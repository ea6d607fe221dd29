/** What an alarm is about. Each kind has a section on the owner's page docs/owners/alarms.md. */
export type ConditionKind =
  | 'service'
  | 'operation'
  | 'undone'
  | 'journal'
  | 'disk'
  | 'certificate'
  | 'renewal'
  | 'timer'
  | 'checks'
  | 'bans'
  | 'backup'
  | 'mail'
  | 'sending-limit'
  | 'signatures';

/**
 * Something that is wrong on the server, in our own words. It is sent to receivers outside of this cloud, so it never
 * contains a secret, nor anything that a service wrote.
 */
export interface Condition {
  kind: ConditionKind;
  /** A service, host, unit or disk. Kind and subject together name a condition. */
  subject: string;
  what: string;
  /** What to do about it, with the command to run. */
  fix: string;
}

export const conditionKey = ({ kind, subject }: Pick<Condition, 'kind' | 'subject'>): string =>
  `${kind} ${subject}`;
