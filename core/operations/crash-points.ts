/**
 * Where crash tests cut an operation off inside its steps: between two things that belong together, or between a change
 * and the note of it. `first`: passed when a service is new. `change`: on the way forward of a change. `undo`: on the
 * way back. `committed`: after the commit. `restore`, `backup`: only those have it. Those between the steps follow from the steps themselves.
 */
export const pointsInSteps = {
  'environment:written': 'change',
  'maintenance:states-written': 'change',
  'maintenance:confirmed': 'change',
  'maintenance:firewall-set': 'change',
  'containers:stopped': 'change',
  'snapshot:taken': 'change',
  'data:created': 'first',
  'data:owned': 'first',
  'current:switched': 'change',
  'routes:written': 'change',
  'bans:written': 'change',
  'containers:started': 'change',
  'restore:copied': 'undo',
  'restore:exchanged': 'undo',
  'releases:images-removed': 'committed',
  'fetched:data': 'restore',
  'replaced:data': 'restore',
  'replaced:secrets-kept': 'restore',
  'backup:queued': 'backup',
} as const satisfies Record<string, 'first' | 'change' | 'undo' | 'committed' | 'restore' | 'backup'>;

export type PointInStep = keyof typeof pointsInSteps;

/** All of one kind, in their order. */
export const pointsInStepsOf = (kind: (typeof pointsInSteps)[PointInStep]): PointInStep[] =>
  (Object.keys(pointsInSteps) as PointInStep[]).filter((each) => pointsInSteps[each] === kind);
