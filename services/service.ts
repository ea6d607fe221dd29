import type { z } from 'zod';

/**
 * What a service says of itself: what it is, what it needs and which data it keeps. It never says who gives it what
 * it needs. DNS, firewall, route, secrets, database, backup, health and the standard tests are derived from this.
 *
 * A service is a folder `services/<id>/` with this (`service.ts`) and a plain compose file (`compose.yaml`), in which
 * these variables stand:
 *   IMAGE_<NAME>, PORT_<NAME>, DATA_<NAME>, OPTION_<NAME>, SECRET_<NAME>_<READER>, DOMAIN, HOST, TZ
 */
export interface ServiceDefinition<Options extends z.ZodObject = z.ZodObject> {
  /** Kebab-case, at most 12 characters: it is in the name of a network bridge (15 at most, IFNAMSIZ). */
  id: string;
  title: string;
  /** One sentence for whoever chooses. */
  summary: string;
  upstream: { name: string; url: string; licence: string; version: string };
  /** `build`: a folder with a Dockerfile below `images/` (or the service's own `image`); `pull`: name and digest. */
  images: Record<string, ServiceImage>;
  /** What an owner may set, each with `.describe()`. */
  options: Options;
  needs?: {
    /** A name under the cloud's domain that leads to one of its ports; `subdomain` may be changed in haven.yaml. */
    route?: { subdomain: string; port: string };
    /**
     * TCP ports of the server that lead to its own ports, for protocols other than the web's. HAProxy hands them on
     * with the PROXY protocol (version 2), so the program must read that header to learn the client's true address.
     */
    tcp?: { public: number; port: string; reason: string }[];
    /** A PostgreSQL 17 of its own, on host `db`, named after the service. */
    database?: boolean;
  };
  /** Container ports that are published to loopback for the front door: name → port. */
  ports?: Record<string, number>;
  /** Listens on the host's network, because it needs the client's true address; with the reason. */
  hostNetwork?: { ports: { port: number; protocol: 'tcp' | 'udp' }[]; uids: number[]; reason: string };
  data?: Record<string, { rollback: 'with-release' | 'never'; uid: number }>;
  /** Name → which of its programs read it, by uid. The values are made on the server and stay there. */
  secrets?: Record<string, Record<string, number>>;
  /** Other services that write through this one. */
  writers?: string[];
  /** What must answer, over loopback, before a release counts as healthy. */
  proofs: { port: string; path: string; status: number }[];
  /** Memory that all of its containers may take together, in MB: the sum of their limits. */
  memoryMb: number;
  startTimeoutSeconds?: number;
  /** Files rendered from options, below the release's `files/`. */
  files?: (options: z.infer<Options>, context: ServiceContext) => Record<string, string>;
}

export type ServiceImage = { build: string } | { pull: string; digest: string };

/** What a service may know of the cloud it is in. */
export interface ServiceContext {
  domain: string;
  /** The service's own name on the web; undefined when it has no route. */
  host: string | undefined;
  owner: { name: string; email: string };
  timeZone: string;
}

/** Declares a service; gives its options their types. */
export function defineService<Options extends z.ZodObject>(
  service: ServiceDefinition<Options>,
): ServiceDefinition {
  return service as unknown as ServiceDefinition;
}
