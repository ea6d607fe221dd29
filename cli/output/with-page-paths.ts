import { join, relative } from 'node:path';
import { projectRoot } from '../../system/project-root.ts';

/**
 * The text with the path of each page of docs/ as it is found from where the command is typed. Texts name pages from the
 * project's root, such as `docs/owners/backups.md`; an owner who installed the package is in another directory.
 */
export const withPagePaths = (text: string, root = projectRoot, directory = process.cwd()): string =>
  text.replaceAll(/(?<![\w./-])docs\/[\w/-]+\.md\b/g, (page) => {
    const path = join(root, page);
    const near = relative(directory, path);
    return near.startsWith('..') ? path : near;
  });
