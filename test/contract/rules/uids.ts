import { authProxyUid } from '../../../core/release/auth-proxy.ts';
import { postgresUid } from '../../../core/release/compose.ts';
import { toEnvName } from '../../../core/release/release.ts';
import { blockOf, isInBlocks, nextFreeBlock, ownUids } from '../../../core/release/uids.ts';
import { certificateVariable } from '../../../core/release/variables.ts';
import { each, type Rule, unless } from '../rule.ts';
import { buildFolder, type Container, type Subject } from '../subject.ts';

/** The uid that a container runs as: its own `user:`, else the last USER of its Dockerfile. */
function uidOf(subject: Subject, container: Container): number | undefined {
  const folder = buildFolder(subject, container);
  const users = [...((folder && subject.dockerfile(folder)) ?? '').matchAll(/^USER (\d+)/gm)];
  const uid = container.user ?? users.at(-1)?.[1];
  return uid === undefined ? undefined : Number.parseInt(uid, 10);
}

/** Every container whose uid is known, with it. */
const withUids = (subject: Subject) =>
  subject.containers.flatMap((container) => {
    const uid = uidOf(subject, container);
    return uid === undefined ? [] : [{ ...container, uid }];
  });

/** Compose variable of a secret's file → uid of its reader. */
const readers = ({ bundle }: Subject): Map<string, number> =>
  new Map(
    Object.entries(bundle.release.secrets).flatMap(([name, { readers: by }]) =>
      Object.entries(by).map(
        ([reader, uid]) => [`\${SECRET_${toEnvName(name)}_${toEnvName(reader)}}`, uid] as const,
      ),
    ),
  );

/** Root reads and writes what belongs to others, where service.ts says why it is root. */
const isAllowedRoot = ({ definition }: Subject, { name, uid }: { name: string; uid: number }): boolean =>
  uid === 0 && definition.rootBecause?.[name] !== undefined;

/** Who may read and write what, by uid. */
export const uidRules: Rule[] = [
  {
    id: 'container-has-uid',
    check: (subject) =>
      each(
        subject.containers,
        (container) => uidOf(subject, container) === undefined,
        ({ name }) =>
          `The uid of container "${name}" is not known. Add user: "<uid>:<uid>" to compose.yaml, or USER to its Dockerfile.`,
      ),
  },
  {
    id: 'secret-is-readable',
    check: (subject) =>
      withUids(subject).flatMap(({ name, uid, secrets }) =>
        each(
          secrets.flatMap(({ source }) => {
            const owner = readers(subject).get(subject.composeSecrets[source] ?? '');
            return owner === undefined ? [] : [{ source, owner }];
          }),
          ({ owner }) => owner !== uid && !isAllowedRoot(subject, { name, uid }),
          ({ source, owner }) =>
            `Container "${name}" runs as ${uid}, and secret "${source}" belongs to ${owner}, so it can't be read. Give both the same uid.`,
        ),
      ),
  },
  {
    id: 'data-is-writable',
    check: (subject) =>
      withUids(subject).flatMap(({ name, uid, mounts }) =>
        each(
          Object.entries(subject.bundle.release.data).filter(([data]) =>
            mounts.some(({ source }) => source === `\${DATA_${toEnvName(data)}}`),
          ),
          ([, { uid: owner }]) => owner !== uid && !isAllowedRoot(subject, { name, uid }),
          ([data, { uid: owner }]) =>
            `Container "${name}" runs as ${uid}, and data "${data}" belongs to ${owner}. Give both the same uid.`,
        ),
      ),
  },
  {
    id: 'root-has-reason',
    check: (subject) =>
      each(
        withUids(subject).filter(({ uid }) => uid === 0),
        (container) => !isAllowedRoot(subject, container),
        ({ name }) =>
          `Container "${name}" runs as root. Give it a uid of the service's own block, or say in rootBecause of service.ts why it must be root.`,
      ),
  },
  {
    id: 'certificate-is-mounted',
    check: (subject) =>
      each(
        Object.entries(subject.bundle.release.hostCertificate?.readers ?? {}),
        ([program, owner]) =>
          !withUids(subject).some(
            (container) =>
              container.mounts.some(({ source }) => source === `\${${certificateVariable(program)}}`) &&
              (container.uid === owner || isAllowedRoot(subject, container)),
          ),
        ([program, owner]) =>
          `service.ts gives "${program}" the certificate, and no container that runs as ${owner} mounts it. Add "\${${certificateVariable(program)}}:<folder in the container>:ro" to its volumes.`,
      ),
  },
  {
    id: 'tmpfs-is-writable',
    check: (subject) =>
      withUids(subject).flatMap(({ name, uid, tmpfs }) =>
        each(
          tmpfs.flatMap((text) => {
            const owner = /\buid=(\d+)/.exec(text)?.[1];
            return owner === undefined ? [] : [{ path: text.split(':')[0]!, owner: Number(owner) }];
          }),
          ({ owner }) => owner !== uid,
          ({ path, owner }) =>
            `Container "${name}" runs as ${uid}, and its tmpfs ${path} belongs to ${owner}. Give both the same uid.`,
        ),
      ),
  },
  {
    id: 'uid-is-in-a-block',
    check: ({ definition, others }) =>
      each(
        ownUids(definition),
        (uid) => !isInBlocks(uid),
        (uid) =>
          `uid ${uid} is in no block. Take the next free block of ten, ${nextFreeBlock(others)} (docs/uids.md), or set upstreamUid if upstream's image insists on it.`,
      ),
  },
  {
    id: 'uids-in-one-block',
    check: ({ definition }) => {
      const blocks = [...new Set(ownUids(definition).filter(isInBlocks).map(blockOf))];
      return unless(
        blocks.length <= 1,
        `Its uids are in several blocks of ten: ${blocks.join(', ')}. Use one block (docs/uids.md).`,
      );
    },
  },
  {
    id: 'uid-is-its-own',
    check: ({ definition, others }) =>
      ownUids(definition).flatMap((uid) => {
        const owner =
          blockOf(uid) === blockOf(postgresUid)
            ? 'PostgreSQL'
            : blockOf(uid) === blockOf(authProxyUid)
              ? 'the auth proxy'
              : others.find((other) => ownUids(other).some((each) => blockOf(each) === blockOf(uid)))?.id;
        return owner === undefined
          ? []
          : [
              `uid ${uid} is in the block of ${owner}. Take the next free block of ten: ${nextFreeBlock(others)} (docs/uids.md).`,
            ];
      }),
  },
];
