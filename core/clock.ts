/** How far two clocks may be apart before anything notices: one-time codes are good for 30 s and a neighbour each (RFC 6238 §5.2). */
const toleratedMs = 30_000;

/**
 * How far the server's clock is ahead of this machine's, in whole seconds; undefined where that harms nobody. The server
 * said `server` at some moment between `asked` and `heard` here (all in milliseconds since 1970).
 */
export function clockGap(asked: number, server: number, heard: number): number | undefined {
  const gap = server < asked ? server - asked : server > heard ? server - heard : 0;
  return Math.abs(gap) > toleratedMs ? Math.round(gap / 1000) : undefined;
}

/** The same in words: what is wrong, and what comes of it. */
export function describeClockGap(seconds: number): string {
  const far = Math.abs(seconds);
  const amount =
    far < 120 ? `${far} s` : far < 7200 ? `${Math.round(far / 60)} min` : `${Math.round(far / 3600)} h`;
  return `the server's clock is ${amount} ${seconds > 0 ? 'ahead of' : 'behind'} this machine's; one of the two is wrong. A wrong one at the server refuses one-time codes and, by hours, certificates. To see what the server's goes by, type: haven ssh timedatectl`;
}
