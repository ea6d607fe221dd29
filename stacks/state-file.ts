import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The state as the engine keeps it in a folder: one JSON file for each stack (pkg/backend/diy). Reading it takes
 * milliseconds where asking the engine takes a start of it, and leaves secrets encrypted, where the Automation API's
 * export asks for them in plain text.
 */
export interface ExportedState {
  version: number;
  deployment: unknown;
}

/** Is the state in a folder of this machine? */
export const isFolder = (backend: string): boolean => backend.startsWith('file://');

/** The file of a stack; undefined where the state is elsewhere, or the stack doesn't exist yet. */
export function findStateFile(backend: string, project: string, stack: string): string | undefined {
  if (!isFolder(backend)) return undefined;
  const file = join(fileURLToPath(backend), '.pulumi', 'stacks', project, `${stack}.json`);
  return existsSync(file) ? file : undefined;
}

/** With what the state's passphrase becomes its key; undefined where no secrets provider has it, or the file can't be read. */
export function readSalt(file: string): string | undefined {
  const { deployment } = readStateFile(file);
  const latest = deployment as { secrets_providers?: { type?: string; state?: { salt?: string } } } | null;
  const provider = latest?.secrets_providers;
  return provider?.type === 'passphrase' ? provider.state?.salt : undefined;
}

/** What `pulumi stack export` would print. */
export function readStateFile(file: string): ExportedState {
  const { version, checkpoint } = JSON.parse(readFileSync(file, 'utf8')) as {
    version: number;
    checkpoint: { latest?: unknown };
  };
  return { version, deployment: checkpoint.latest ?? null };
}
