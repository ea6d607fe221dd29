import type { News, ToldCondition } from './alarm-memory.ts';

/** One message, before it takes the form of a way. */
export interface AlarmMessage {
  /** The cloud's main domain. */
  cloud: string;
  kind: 'alarm' | 'good' | 'notice' | 'test';
  at: string;
  title: string;
  text: string;
  alarms: AlarmEntry[];
}

export interface AlarmEntry extends ToldCondition {
  state: 'begun' | 'lasting' | 'over';
}

/** Receivers limit the length of a message: Discord to 2,000 characters, ntfy to 4,096 bytes. */
const maxShown = 6;

/** Several conditions at once are one message. */
export function renderAlarm(cloud: string, news: News, now: number): AlarmMessage {
  const alarms = [
    ...news.begun.map((each): AlarmEntry => ({ ...each, state: 'begun' })),
    ...news.lasting.map((each): AlarmEntry => ({ ...each, state: 'lasting' })),
    ...news.over.map((each): AlarmEntry => ({ ...each, state: 'over' })),
  ];
  const bad = news.begun.length + news.lasting.length;
  const notices = (news.notices ?? []).map(({ text }) => text);
  const entries = [...alarms.map(renderEntry), ...notices];
  const shown = entries.slice(0, maxShown);
  const more = entries.length - shown.length;
  return {
    cloud,
    kind: bad > 0 ? 'alarm' : alarms.length > 0 ? 'good' : 'notice',
    at: new Date(now).toISOString(),
    title: `${cloud}: ${alarms.length === 0 ? 'for your information' : titleOf(bad, news.over.length)}`,
    text: [...shown, ...(more > 0 ? [`And ${more} more. To see all, run: haven alarm list`] : [])].join(
      '\n\n',
    ),
    alarms,
  };
}

/** What `haven alarm test` sends. */
export const renderTest = (cloud: string, now: number): AlarmMessage => ({
  cloud,
  kind: 'test',
  at: new Date(now).toISOString(),
  title: `${cloud}: test`,
  text: 'Alarms of your cloud arrive here. This one is a test, so there is nothing to do.',
  alarms: [],
});

const titleOf = (bad: number, over: number): string => {
  const alarms = bad === 1 ? '1 alarm' : `${bad} alarms`;
  if (bad === 0) return over === 1 ? 'good again' : `${over} alarms are over`;
  return over === 0 ? alarms : `${alarms}, ${over} over`;
};

function renderEntry({ state, what, fix, since }: AlarmEntry): string {
  const from = `${since.slice(0, 16).replace('T', ' ')} UTC`;
  if (state === 'over') return `Good again. It was, since ${from}: ${what}`;
  return `${what} Since ${from}.${state === 'lasting' ? ' This is a reminder.' : ''}\n${fix}`;
}
