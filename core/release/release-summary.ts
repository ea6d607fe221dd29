import { createHash } from 'node:crypto';
import { type Bundle, hostNamesOf } from './release.ts';

/** What a plan shows of a release and the state keeps of it: no secrets, no contents. */
export interface ReleaseSummary {
  service: string;
  version: string;
  images: Record<string, string>;
  variables: Record<string, string>;
  /** Path → hash of each file, so that a changed file can be named. */
  files: Record<string, string>;
  routes: string[];
  /** Ports of the server that lead to it, in addition to the web's. */
  ports: number[];
  /** Addresses that the login may redirect back to. */
  login: string[];
  /** Hosts that only users with a login, or one group of them, may open. */
  protected: string[];
  data: string[];
  neverGoesBack: string[];
  writers: string[];
}

export function releaseSummary({ release, files }: Bundle): ReleaseSummary {
  return {
    service: release.service,
    version: release.version,
    images: release.images,
    variables: release.variables,
    files: Object.fromEntries(
      Object.entries(files).map(([path, text]) => [
        path,
        createHash('sha256').update(text).digest('hex').slice(0, 8),
      ]),
    ),
    routes: hostNamesOf(release),
    ports: (release.tcpRoutes ?? []).map((each) => each.public),
    login: release.login?.redirectUris ?? [],
    protected: release.routes.flatMap(({ host, protected: protection }) =>
      protection ? [`${host}: ${protection.group ?? 'users'}`] : [],
    ),
    data: Object.keys(release.data),
    neverGoesBack: Object.entries(release.data).flatMap(([name, each]) =>
      each.rollback === 'never' ? [name] : [],
    ),
    writers: release.writers,
  };
}
