import type { Container, Subject } from './subject.ts';

/** Whether a container mounts a path of the release, such as `files/start.sh`: the file itself, or a folder above it. */
export const mountsPath = ({ mounts }: Container, path: string): boolean =>
  mounts.some(({ source }) => `./${path}/`.startsWith(`${source.replace(/\/$/, '')}/`));

/** Texts of the release's files that a container mounts: those of the folder `files`, and those that `files()` renders. */
export const mountedFiles = ({ bundle }: Subject, container: Container): string[] =>
  Object.entries(bundle.files)
    .filter(([path]) => mountsPath(container, path))
    .map(([, text]) => text);
