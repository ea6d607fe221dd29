/**
 * The protocol between `haven` and the agent. It rises when a call changes its meaning. A `haven` that only knows an
 * older one would misread the agent's answers, so the agent refuses it.
 */
export const protocol = 2;

export function refuseOlder(speaks: number): void {
  if (protocol <= speaks) return;
  throw new Error(
    `The server was last changed by a newer version of haven (protocol ${protocol}; this one speaks ${speaks}). Nothing was changed. Update haven on this machine, then try again.`,
  );
}
