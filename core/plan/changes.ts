/** One resource and what would happen (or happened) to it, as a plan shows it. */
export interface Change {
  kind: 'create' | 'update' | 'replace' | 'delete' | 'keep';
  /** Pulumi's type, `hcloud:index/server:Server`. */
  type: string;
  name: string;
  /** Properties that differ. */
  properties: string[];
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
  /** For how long a service stood still at its last change, in seconds; measured by the agent. */
  stoppedSeconds?: number;
}

/** What the engine calls a step, in our words; undefined for what is no change and no resource of its own. */
export function changeKind(op: string): Change['kind'] | undefined {
  switch (op) {
    case 'create':
    case 'import':
      return 'create';
    case 'update':
      return 'update';
    case 'replace':
    case 'create-replacement':
      return 'replace';
    case 'delete':
      return 'delete';
    case 'same':
      return 'keep';
    default:
      return undefined;
  }
}
