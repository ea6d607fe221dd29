/**
 * Everything that one image is built from, as it is sent to a server: finished files, so no compiler runs there. Both
 * images that it is built on are named by their digests, so it is the same on every server.
 */
export interface ImageRecipe {
  /** Under which name the server keeps it, `openhaven/caddy:0f3c…`. */
  reference: string;
  /** Its build context, by path. Contents are in base64. */
  files: Record<string, { content: string; executable: boolean }>;
  /** Debian's own image, by digest: `docker.io/library/debian:trixie-slim@sha256:…`. */
  base: string;
  /** The image that upstream's files come from, likewise; left out where there is none. */
  upstream?: string;
}

/** What a Dockerfile of ours calls Debian's image. */
export const baseName = 'debian:trixie-slim';
/** Where Debian's image is pulled from. */
export const baseImage = `docker.io/library/${baseName}`;

/** The image that a Dockerfile takes upstream's files from; undefined where it takes none. */
export const upstreamOf = (dockerfile: string): string | undefined =>
  /^ARG UPSTREAM=(\S+)$/m.exec(dockerfile)?.[1];

/** One step of a build, as Docker's classic builder prints it (`Step 3/7 : RUN …`). */
export interface BuildStep {
  /** The image's short name. */
  building: string;
  step: number;
  of: number;
}

export function buildStepIn(line: string, reference: string): BuildStep | undefined {
  const [, step, of] = /^Step (\d+)\/(\d+) : /.exec(line) ?? [];
  return step === undefined
    ? undefined
    : { building: shortName(reference), step: Number(step), of: Number(of) };
}

/** `openhaven/caddy:0f3c…` is caddy. */
export const shortName = (reference: string): string => reference.replace(/^.*\//, '').replace(/[:@].*$/, '');

/**
 * Why a build failed, for its owner. apt gives the reason in lines that begin with `E:`, before the line that Docker ends
 * with; a command that ran out of memory is killed, and Docker names status 137.
 */
export function whyBuildFailed(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const last = lines.at(-1) ?? '';
  if (/returned a non-zero code: 137$/.test(last))
    return 'it needed more memory than a build may use, or than the server has left';
  if (lines.some((line) => /no space left on device/i.test(line))) return "the server's own disk is full";
  const said = lines.findLast((line) => /^E: /.test(line));
  return (said ?? last.replace(/^Error response from daemon: /, '')).replace(/\.$/, '');
}
