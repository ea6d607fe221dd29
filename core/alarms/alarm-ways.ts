import type { HavenConfig } from '../config/config-schema.ts';
import type { Pins } from '../config/pins.ts';
import { sendingPassword, smtpServerOf } from '../config/sending.ts';

/** How alarms reach the owner. */
export type AlarmWay = 'ntfy' | 'webhook' | 'email';

/**
 * The ways of haven.yaml, as they are planned. They have the generations of secrets, never the values, which are sent
 * beside them.
 */
export interface AlarmWays {
  /** The cloud's main domain, which each message names. */
  cloud: string;
  ntfy?: { server: string; click?: string };
  webhook?: true;
  /** `account` is in Keycloak's terms, without its password. */
  email?: { to: string; account: Record<string, string> };
  /** Generations of the secrets, so that a new value is sent. */
  secrets: Record<string, number>;
}

/** The secrets of each way; the first one is required. */
const secretsOf: Record<AlarmWay, string[]> = {
  ntfy: ['alarm-ntfy-topic', 'alarm-ntfy-token'],
  webhook: ['alarm-webhook', 'alarm-webhook-token'],
  email: [sendingPassword],
};

/** The secrets that an owner sets for alarms alone. */
export const alarmSecrets = [...secretsOf.ntfy, ...secretsOf.webhook];

type Alarms = HavenConfig['alarms'];
const waysOf = (alarms: Alarms): AlarmWay[] => [
  ...(alarms?.ntfy === undefined ? [] : (['ntfy'] as const)),
  ...(alarms?.webhook ? (['webhook'] as const) : []),
  ...(alarms?.email ? (['email'] as const) : []),
];

/** The secrets that these alarms use, and those without which they can't be sent. */
export const alarmSecretsOf = (alarms: Alarms): { used: string[]; required: string[] } => {
  const ways = waysOf(alarms).map((way) => secretsOf[way]);
  return { used: ways.flat(), required: ways.map(([first]) => first!) };
};

/** Undefined if haven.yaml has no way. `click` is the page that a tap on an alarm opens. */
export function planAlarms(
  config: Pick<HavenConfig, 'alarms' | 'sending' | 'owner' | 'domains'>,
  given: Pins['given'],
  click: string | undefined,
): AlarmWays | undefined {
  const { alarms, owner } = config;
  const cloud = config.domains[0]!.name;
  const ways = waysOf(alarms);
  if (ways.length === 0) return undefined;
  return {
    cloud,
    ...(alarms?.ntfy ? { ntfy: { server: alarms.ntfy, ...(click === undefined ? {} : { click }) } } : {}),
    ...(alarms?.webhook ? { webhook: true } : {}),
    ...(alarms?.email
      ? { email: { to: owner.email, account: smtpServerOf(config.sending, cloud, owner) } }
      : {}),
    secrets: Object.fromEntries(alarmSecretsOf(alarms).used.map((name) => [name, given?.[name] ?? 0])),
  };
}

/** `ntfy (https://ntfy.sh), webhook, email to ada@example.com` */
export const describeAlarmWays = ({ ntfy, webhook, email }: Omit<AlarmWays, 'secrets' | 'cloud'>): string =>
  [
    ...(ntfy ? [`ntfy (${ntfy.server})`] : []),
    ...(webhook ? ['webhook'] : []),
    ...(email ? [`email to ${email.to}`] : []),
  ].join(', ');
