import { parse } from 'yaml';
import { withAllOptionalParts } from '../../core/optional-parts.ts';
import { type Bundle, toEnvName } from '../../core/release/release.ts';
import { renderRelease } from '../../core/release/render-release.ts';
import type { UpstreamImage } from '../../core/release/upstream-image.ts';
import type { CatalogueEntry, OptionalPart, ServiceDefinition, ServiceImage } from '../../core/service.ts';
import type { Advisory } from '../../services/advisories.ts';
import { imagesOf } from '../../services/context-hash.ts';

/** A container as its author wrote it, with lists and maps in one form. */
export interface Container {
  name: string;
  image: string;
  build: boolean;
  user: string | undefined;
  privileged: boolean;
  pid: string | undefined;
  networkMode: string | undefined;
  ports: string[];
  /** What is mounted: the path or variable outside, and whether it is read-only. */
  mounts: { source: string; readOnly: boolean }[];
  /** Files below /run/secrets: the secret's name in compose.yaml, and the file's. */
  secrets: { source: string; target: string }[];
  tmpfs: string[];
  environment: Record<string, string>;
  /** `command` and `entrypoint`, as one text. */
  command: string;
  memLimit: string | undefined;
  runsOnce: boolean;
  healthcheck: boolean;
  /** The author says how it is logged. */
  logging: boolean;
  capDrop: string[];
  profiles: string[];
}

/**
 * All that rules look at: what the author wrote, and the release that is rendered from it. Its optional parts are on in both,
 * so every rule holds for them, too.
 */
export interface Subject extends Pick<CatalogueEntry, 'definition' | 'compose' | 'files'> {
  id: string;
  /** The name of its folder. */
  folderName: string;
  containers: Container[];
  /** The author's containers and the database's, with memory limits, as they run. */
  renderedContainers: Container[];
  /** Secrets of compose.yaml: name → file. */
  composeSecrets: Record<string, string | undefined>;
  images: Record<string, ServiceImage>;
  /** Its parts that an option switches on, by that option. */
  optional: Record<string, OptionalPart>;
  bundle: Bundle;
  render(options: Record<string, unknown>): Bundle;
  /** Text of a Dockerfile; undefined where there is none. */
  dockerfile(folder: string): string | undefined;
  /** What upstream's image has, by the folder that replaces it. */
  upstream(folder: string): UpstreamImage | undefined;
  /** The other services of the catalogue. */
  others: ServiceDefinition[];
  advisories: Advisory[];
}

/** What rules may know besides the service itself. */
export interface World {
  dockerfile(folder: string): string | undefined;
  upstream(folder: string): UpstreamImage | undefined;
  others: ServiceDefinition[];
  advisories: Advisory[];
}

/** Everything a rule needs of a service. Throws where it can't be rendered at all. */
export function subjectOf(entry: CatalogueEntry, world: World): Subject {
  const { definition: written, compose, files, folder } = entry;
  const { optional = {} } = written;
  const definition = withAllOptionalParts(written);
  const canBeOn = (option: string): boolean =>
    definition.options.shape[option]?.safeParse(true).success ?? false;
  const on = Object.fromEntries(
    Object.keys(optional)
      .filter(canBeOn)
      .map((option) => [option, true]),
  );
  const images = imagesOf(definition);
  const render = (options: Record<string, unknown>): Bundle =>
    renderRelease({
      service: written,
      compose,
      files,
      options: definition.options.parse({ ...on, ...options }),
      context: {
        domain: 'example.org',
        host: definition.needs?.route ? `${definition.needs.route.subdomain}.example.org` : undefined,
        loginHost: 'login.example.org',
        mail: { host: 'mail.example.org', domains: ['example.org'] },
        owner: { name: 'Ada', email: 'ada@example.com' },
        timeZone: 'UTC',
      },
      images: Object.fromEntries(Object.keys(images).map((name) => [name, `openhaven/${name}:contract`])),
    });
  const bundle = render({});
  const asWritten = parse(compose) as Compose;
  const rendered = parse(bundle.files['compose.yaml']!) as Compose;
  return {
    id: definition.id,
    folderName: folder.split('/').pop()!,
    definition,
    compose,
    files,
    containers: containersOf(asWritten),
    renderedContainers: containersOf(rendered),
    composeSecrets: Object.fromEntries(
      Object.entries(asWritten.secrets ?? {}).map(([name, secret]) => [name, secret.file]),
    ),
    images,
    optional,
    bundle,
    render,
    ...world,
  };
}

/** The folder of the Dockerfile behind a container's image; undefined for upstream's own image. */
export function buildFolder({ images }: Subject, { image }: Container): string | undefined {
  const found = Object.entries(images).find(([name]) => image === `\${IMAGE_${toEnvName(name)}}`)?.[1];
  return found && 'build' in found ? found.build : undefined;
}

interface Compose {
  services: Record<string, RawContainer>;
  secrets?: Record<string, { file?: string }>;
}
interface RawContainer {
  image?: string;
  build?: unknown;
  user?: string | number;
  privileged?: boolean;
  pid?: string;
  network_mode?: string;
  ports?: (string | number)[];
  volumes?: (string | { source: string; read_only?: boolean })[];
  secrets?: (string | { source: string; target?: string })[];
  tmpfs?: string | string[];
  environment?: Record<string, unknown> | string[];
  command?: unknown;
  entrypoint?: unknown;
  mem_limit?: string;
  restart?: string;
  healthcheck?: { test?: unknown };
  logging?: unknown;
  cap_drop?: string[];
  profiles?: string[];
}

const containersOf = ({ services }: Compose): Container[] =>
  Object.entries(services).map(([name, raw]) => ({
    name,
    image: raw.image ?? '',
    build: raw.build !== undefined,
    user: raw.user === undefined ? undefined : String(raw.user),
    privileged: raw.privileged ?? false,
    pid: raw.pid,
    networkMode: raw.network_mode,
    ports: (raw.ports ?? []).map(String),
    mounts: (raw.volumes ?? []).map((volume) =>
      typeof volume === 'string'
        ? { source: volume.replace(/:(?![^{]*\}).*$/, ''), readOnly: volume.endsWith(':ro') }
        : { source: volume.source, readOnly: volume.read_only ?? false },
    ),
    secrets: (raw.secrets ?? []).map((secret) =>
      typeof secret === 'string'
        ? { source: secret, target: secret }
        : { source: secret.source, target: secret.target ?? secret.source },
    ),
    tmpfs: [raw.tmpfs ?? []].flat(),
    environment: environmentOf(raw.environment ?? {}),
    command: JSON.stringify([raw.entrypoint ?? [], raw.command ?? []]),
    memLimit: raw.mem_limit,
    runsOnce: raw.restart === 'no',
    healthcheck: raw.healthcheck?.test !== undefined,
    logging: raw.logging !== undefined,
    capDrop: raw.cap_drop ?? [],
    profiles: raw.profiles ?? [],
  }));

function environmentOf(written: Record<string, unknown> | string[]): Record<string, string> {
  const pairs = Array.isArray(written)
    ? written.map((line) => [line.split('=')[0]!, line.split('=').slice(1).join('=')] as const)
    : Object.entries(written).map(([name, value]) => [name, String(value)] as const);
  return Object.fromEntries(pairs);
}
