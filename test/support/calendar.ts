import type { CloudUnderTest } from '../e2e/cloud-under-test.ts';

/** Asks the calendar as a program does that knows a name and a password, and nothing else (RFC 4791, RFC 4918 §9.1). */
export const askCalendar = (cloud: CloudUnderTest, name: string, secret: string): Promise<string> =>
  cloud.answerTo(`https://${cloud.hosts.calendar}/${name}/`, [
    ...['-X', 'PROPFIND', '-H', 'Depth: 0'],
    ...['-u', `${name}:${secret}`],
  ]);
