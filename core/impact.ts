import type { Bundle } from './release.ts';

/** What a plan shows of a release, and state keeps of it: no secrets, no contents. */
export interface ReleaseSummary {
  service: string;
  version: string;
  images: Record<string, string>;
  variables: Record<string, string>;
  /** Hash of each file, so that a change can be named. */
  routes: string[];
  data: string[];
  neverGoesBack: string[];
  writers: string[];
}

export function releaseSummary({ release }: Bundle): ReleaseSummary {
  return {
    service: release.service,
    version: release.version,
    images: release.images,
    variables: release.variables,
    routes: release.routes.map((each) => each.host),
    data: Object.keys(release.data),
    neverGoesBack: Object.entries(release.data).flatMap(([name, each]) => (each.rollback === 'never' ? [name] : [])),
    writers: release.writers,
  };
}
