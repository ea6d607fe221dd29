/** One resource and what would happen (or happened) to it, as a plan shows it. */
export interface Change {
  kind: 'create' | 'update' | 'replace' | 'delete' | 'keep';
  /** Pulumi's type, `hcloud:index/server:Server`. */
  type: string;
  name: string;
  /** Properties that changed. */
  properties: string[];
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
  /** How long a service was unavailable at its last change, in seconds; measured by the agent. */
  stoppedSeconds?: number;
  /** What of a service or of the server was changed from elsewhere, for people to read. */
  differs?: string[];
}

/** The kind of change for one of the engine's steps; undefined for steps that change nothing. */
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
