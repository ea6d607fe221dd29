/** A line that the agent prints before it brings something back from its last backup: which service, and how far it is. */
export interface RecoveryStep {
  recovering: string;
  n: number;
  of: number;
}
