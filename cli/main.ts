import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@oclif/core';
import { ProblemsError } from '../core/problem.ts';
import { projectRoot } from '../system/project-root.ts';
import { failureOf } from './output/failure.ts';
import { endWithReader } from './output/reader.ts';
import { reportFailure } from './output/report-failure.ts';
import { unknownCommand } from './unknown-command.ts';

/** Runs what was typed after `haven`. How it ended is in `process.exitCode`. */
export async function typeHaven(typed: string[]): Promise<void> {
  endWithReader();
  const argv = typed[0] === 'help' ? [...typed.slice(1), '--help'] : typed;
  try {
    await run(argv, { root: projectRoot });
  } catch (error) {
    // A command says itself what is wrong; what gets here was never one.
    const failure = failureOf(isNotFound(error) ? notFound(argv) : error, { name: 'haven', flags: [] });
    reportFailure(failure, argv.includes('--json'));
  }
}

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && /^command .* not found$/s.test(error.message);

function notFound(argv: string[]): ProblemsError {
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'oclif.manifest.json'), 'utf8')) as {
    commands: Record<string, unknown>;
  };
  const known = Object.keys(manifest.commands).map((id) => id.replaceAll(':', ' '));
  return new ProblemsError([unknownCommand(argv, known)], 'usage');
}
