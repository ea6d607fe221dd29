import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder this project lies in. */
export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));
