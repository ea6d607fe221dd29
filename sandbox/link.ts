import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderSandboxLink } from '../core/sandbox-link.ts';
import { daemonCommand } from './daemon-process.ts';
import { sandboxEnvironment } from './environment.ts';
import { pidFile, pulledImagesFile } from './host/paths.ts';

const own = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Puts the cloud of an owner's directory into the sandbox: from now on its commands meet the sandbox alone. */
export function linkToSandbox(directory: string): void {
  const folder = join(directory, '.haven');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'sandbox');
  const text = renderSandboxLink({
    format: 2,
    process: { pidFile, command: daemonCommand },
    // The tokens among these are the emulators' own: they open nothing else, and are the same in every sandbox.
    environment: sandboxEnvironment(),
    imagesFile: pulledImagesFile,
    plugins: { module: own(`./plugins/providers${extname(import.meta.url)}`), folder: own('./plugins/bin') },
  });
  writeFileSync(file, text, { mode: 0o600 });
  // A file that was there before keeps the mode that it had.
  chmodSync(file, 0o600);
}
