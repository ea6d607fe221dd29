import { spawnSync } from 'node:child_process';
import { projectRoot } from '../system/project-root.ts';

/** `npm start`: `haven sandbox start`, which says what it sets up, asks, and then builds the default cloud. */
const typed = ['cli/bin.mjs', 'sandbox', 'start', ...process.argv.slice(2)];
const done = spawnSync(process.execPath, typed, { cwd: projectRoot, stdio: 'inherit' });
process.exit(done.status ?? 1);
