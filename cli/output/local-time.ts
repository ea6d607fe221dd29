/** `2026-11-24 10:30 CET`: Swedish writes dates as ISO 8601 does. */
export const localTime = (at: string, timeZone: string): string =>
  new Date(at).toLocaleString('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }) +
  ` ${new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'short' }).formatToParts(new Date(at)).find((each) => each.type === 'timeZoneName')?.value ?? timeZone}`;
