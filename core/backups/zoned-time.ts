/**
 * The moment that a person means by `2026-11-28 03:30` in a time zone, or by a time with its own zone (ISO 8601).
 * Undefined for anything else. A local time that a change of clocks skips is taken as the moment right after it.
 */
export function parseZonedTime(text: string, timeZone: string): Date | undefined {
  const local = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text.trim());
  if (!local) return isoWithZone.test(text.trim()) ? validDate(Date.parse(text.trim())) : undefined;
  const [, year, month, day, hour = '23', minute = '59', second = '59'] = local;
  const wall = Date.UTC(+year!, +month! - 1, +day!, +hour, +minute, local[4] ? +(local[6] ?? 0) : +second);
  const read = new Date(wall);
  if (read.getUTCMonth() !== +month! - 1 || read.getUTCDate() !== +day!) return undefined;
  // The offset differs on both sides of a change of clocks, so it is asked again where the first answer leads.
  const first = wall - offsetMs(wall, timeZone);
  return validDate(wall - offsetMs(first, timeZone));
}

const isoWithZone = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

const validDate = (ms: number): Date | undefined => (Number.isNaN(ms) ? undefined : new Date(ms));

/** How far the clocks of a zone are ahead of UTC at this moment. */
function offsetMs(ms: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...{
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    },
  });
  const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const { year, month, day, hour, minute, second } = part as Record<string, number>;
  return Date.UTC(year!, month! - 1, day!, hour!, minute!, second!) - Math.floor(ms / 1000) * 1000;
}
