import { toEnvName } from '../../../core/release/release.ts';
import { upstreamProblems } from '../../../core/release/upstream-problems.ts';
import type { ServiceImage } from '../../../core/service.ts';
import { isOlder } from '../../../services/advisories.ts';
import { each, type Rule } from '../rule.ts';
import { buildFolder, type Subject } from '../subject.ts';

type Named = [name: string, image: ServiceImage];
const pulled = ({ images }: Subject) =>
  (Object.entries(images) as Named[]).flatMap(([name, image]) =>
    'pull' in image ? [{ name, ...image }] : [],
  );
const foldersOf = ({ images }: Subject) =>
  (Object.entries(images) as Named[]).flatMap(([name, image]) => {
    const folder = 'pull' in image ? image.replacement : image.build;
    return folder ? [{ name, folder }] : [];
  });
const known = ({ images }: Subject): string[] =>
  Object.keys(images).map((name) => `\${IMAGE_${toEnvName(name)}}`);
/** The version at the head of a tag: `1.2.3-rootless` → `1.2.3`. */
const tagOf = (pull: string): string => pull.slice(pull.lastIndexOf(':') + 1);

/** Whether upstream's image is more than a stage from which files are copied (docs/adr/0017-image-builds.md). */
function beginsAtUpstream(dockerfile: string): boolean {
  const stages = [...dockerfile.matchAll(/^FROM +(?:--\S+ +)*(\S+)(?: +AS +(\S+))? *$/gim)];
  return stages.some(
    ([, from, name], index) =>
      from === 'upstream' ||
      (/^\$\{?UPSTREAM\b/.test(from!) && (name !== 'upstream' || index === stages.length - 1)),
  );
}

/** Which programs run, in exact versions. */
export const imageRules: Rule[] = [
  {
    id: 'image-has-dockerfile',
    check: (subject) =>
      each(
        foldersOf(subject),
        ({ folder }) => subject.dockerfile(folder) === undefined,
        ({ name, folder }) => `Image "${name}": ${folder}/Dockerfile does not exist.`,
      ),
  },
  {
    id: 'upstream-is-a-stage',
    check: (subject) =>
      each(
        foldersOf(subject),
        ({ folder }) => beginsAtUpstream(subject.dockerfile(folder) ?? ''),
        ({ folder }) =>
          `${folder}/Dockerfile: an image can't begin with upstream's, because a sandbox has only the files that are copied from it. Write "FROM \${UPSTREAM} AS upstream", then "FROM debian:trixie-slim", and take the files with "COPY --from=upstream".`,
      ),
  },
  {
    id: 'pulled-image-has-facts',
    check: (subject) =>
      each(
        pulled(subject),
        ({ pull, replacement }) => subject.upstream(replacement)?.image !== pull,
        ({ name, pull, replacement }) =>
          `Image "${name}" is pulled, and ${replacement}/upstream.json does not say what ${pull} has. Read upstream's Dockerfile of that version, and write it there.`,
      ),
  },
  {
    id: 'upstream-has-it',
    check: (subject) => {
      const facts = pulled(subject).flatMap(({ name, replacement }) => {
        const upstream = subject.upstream(replacement);
        return upstream ? [[`IMAGE_${toEnvName(name)}`, upstream] as const] : [];
      });
      return upstreamProblems(subject.bundle, new Map(facts));
    },
  },
  {
    id: 'pulled-image-is-exact',
    check: (subject) =>
      each(
        pulled(subject),
        ({ pull }) => !/^[a-z0-9.-]+\.[a-z]+\/[a-z0-9._/-]+:\d[\w.-]*$/.test(pull),
        ({ name, pull }) =>
          `Image "${name}" is "${pull}". Write registry/name:version, with an exact version.`,
      ),
  },
  {
    id: 'image-tag-is-version',
    check: (subject) =>
      each(
        // Of several pulled images the first is the program itself.
        pulled(subject).slice(0, 1),
        ({ pull }) => {
          const tag = tagOf(pull);
          const { version } = subject.definition.upstream;
          return /^\d/.test(tag) && tag !== version && !tag.startsWith(`${version}-`);
        },
        ({ name, pull }) =>
          `Image "${name}" has the tag ${tagOf(pull)}, and upstream.version is ${subject.definition.upstream.version}. Change both together.`,
      ),
  },
  {
    id: 'dockerfile-has-version',
    check: (subject) => {
      const main = subject.containers[0];
      const folder = main && buildFolder(subject, main);
      const text = (folder && subject.dockerfile(folder)) ?? '';
      const built = /^ARG UPSTREAM=\S+:v?(\d[^\s-]*)/m.exec(text)?.[1];
      return each(
        built === undefined ? [] : [built],
        (version) => version !== subject.definition.upstream.version,
        (version) =>
          `${folder}/Dockerfile builds version ${version}, and upstream.version is ${subject.definition.upstream.version}. Change both together.`,
      );
    },
  },
  {
    id: 'no-known-advisory',
    check: ({ id, definition: { upstream }, advisories }) =>
      each(
        advisories.filter(({ service, fixedIn }) => service === id && isOlder(upstream.version, fixedIn)),
        () => true,
        ({ id: advisory, what, fixedIn }) =>
          `Version ${upstream.version} has ${advisory} (${what}). Use ${fixedIn} or newer.`,
      ),
  },
  {
    id: 'container-image-is-variable',
    check: ({ containers }) =>
      each(
        containers,
        ({ image }) => !/^\$\{IMAGE_[A-Z0-9_]+\}$/.test(image),
        ({ name, image }) => `Container "${name}" has the image "${image}". Write \${IMAGE_<NAME>}.`,
      ),
  },
  {
    id: 'container-image-is-known',
    check: (subject) =>
      each(
        subject.containers.filter(({ image }) => /^\$\{IMAGE_[A-Z0-9_]+\}$/.test(image)),
        ({ image }) => !known(subject).includes(image),
        ({ name, image }) =>
          `Container "${name}" has the image ${image}. service.ts gives: ${known(subject).join(', ')}.`,
      ),
  },
  {
    id: 'nothing-built-on-server',
    check: ({ containers }) =>
      each(
        containers,
        ({ build }) => build,
        ({ name }) => `Container "${name}" has "build:". Put the Dockerfile into a folder below images/.`,
      ),
  },
];
