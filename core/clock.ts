/**
 * How far two clocks may be apart before anything breaks: a one-time code is valid for its own 30 s and the
 * neighbouring ones (RFC 6238 §5.2).
 */
const toleratedMs = 30_000;

/**
 * How far the server's clock is ahead of this machine's, in whole seconds; undefined when the difference is harmless.
 * The server reported `server` at some moment between `asked` and `heard` here (all in milliseconds since 1970).
 */
export function clockGap(asked: number, server: number, heard: number): number | undefined {
  const gap = server < asked ? server - asked : server > heard ? server - heard : 0;
  return Math.abs(gap) > toleratedMs ? Math.round(gap / 1000) : undefined;
}

/** The gap in words: what is wrong, and what it breaks. */
export function describeClockGap(seconds: number): string {
  const far = Math.abs(seconds);
  const amount =
    far < 120 ? `${far} s` : far < 7200 ? `${Math.round(far / 60)} min` : `${Math.round(far / 3600)} h`;
  return `the server's clock is ${amount} ${seconds > 0 ? 'ahead of' : 'behind'} this machine's; one of the two is wrong. If it is the server's, one-time codes are refused and, when it is hours off, certificates too. To check the server's clock, run: haven ssh timedatectl`;
}
