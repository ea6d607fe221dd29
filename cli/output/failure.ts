import { Errors } from '@oclif/core';
import { z } from 'zod';
import { ApiError, ApiUnreachable } from '../../components/api-call.ts';
import { ZoneNotFound } from '../../components/dns-provider.ts';
import { AgentRefusal, Unreachable } from '../../components/provider/agent-link.ts';
import { nearest, type Problem, ProblemsError, renderProblem } from '../../core/problem.ts';
import { ServiceFault } from '../../core/service-fault.ts';
import { networkFault } from '../../system/network-fault.ts';
import { ConnectionLost } from '../../system/ssh.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { describeRefusal, isUnanswered } from './provider-refusal.ts';
import { systemProblem } from './system-problem.ts';

/** How a command failed: what `--json` prints for every failure, and what is shown otherwise. */
export interface Failure {
  code: Exclude<ExitCode, 'ok' | 'changes'> | 'unexpected';
  problems: Problem[];
  /** Where in our code; only of what nobody expected. */
  stack?: string;
}

/** `haven COMMAND --json`, when it fails. */
export const failureSchema = z.strictObject({
  error: z.strictObject({
    code: z.enum(['failed', 'unreachable', 'declined', 'usage', 'interrupted', 'unexpected']),
    exitCode: z.int(),
    problems: z.array(z.strictObject({ where: z.string(), what: z.string(), remedy: z.string() })).nonempty(),
  }),
});

export const exitCodeOf = ({ code }: Failure): number =>
  code === 'unexpected' ? exitCodes.failed : exitCodes[code];

export const failureJson = (failure: Failure): z.input<typeof failureSchema> => ({
  error: {
    code: failure.code,
    exitCode: exitCodeOf(failure),
    problems: failure.problems as [Problem, ...Problem[]],
  },
});

export const renderFailure = ({ problems, stack }: Failure): string =>
  [...problems.map((each) => `  ${renderProblem(each)}`), ...(stack ? ['', stack] : []), ''].join('\n');

/** What was typed, as far as a message about it needs to know. */
export interface TypedCommand {
  /** `haven user add` */
  name: string;
  flags: string[];
}

/** Sorts what was thrown by who has to act, and puts it into words. */
export function failureOf(error: unknown, typed: TypedCommand): Failure {
  if (error instanceof ProblemsError) return { code: error.kind, problems: error.problems };
  const one = (code: Failure['code'], where: string, what: string, remedy: string): Failure => ({
    code,
    problems: [{ where, what, remedy }],
  });
  if (!(error instanceof Error)) return one('unexpected', typed.name, String(error), aBug);
  if (error.name === 'ExitPromptError') return one('interrupted', typed.name, 'Nothing was changed.', '');
  if (error instanceof Errors.CLIError) return { code: 'usage', problems: usageProblems(error, typed) };
  const server = ofServer(error);
  if (server) return server;
  if (error instanceof ApiUnreachable) return one('unreachable', error.who, error.what, checkConnection);
  if (error instanceof ApiError)
    return { code: isUnanswered(error) ? 'unreachable' : 'failed', problems: [describeRefusal(error)] };
  if (error instanceof ServiceFault) return { code: 'failed', problems: [error.problem] };
  if (error instanceof ZoneNotFound) return one('failed', 'haven.yaml: domains', error.what, error.remedy);
  if (/currently locked by/.test(error.message)) {
    const by = /created by (.*)$/m.exec(error.message)?.[1] ?? 'another user';
    const what = `another command is changing this cloud (${by}). Nothing was changed.`;
    return one('failed', 'haven', what, 'Wait until it ends, then run the command again.');
  }
  const network = networkFault(error);
  if (network !== undefined) return one('unreachable', 'network', network, checkConnection);
  const problem = systemProblem(error);
  if (problem !== undefined) return { code: 'failed', problems: [problem] };
  return {
    ...one('unexpected', typed.name, sentence(error.message), aBug),
    ...(error.stack ? { stack: error.stack } : {}),
  };
}

function ofServer(error: Error): Failure | undefined {
  const one = (code: Failure['code'], what: string, remedy: string): Failure => ({
    code,
    problems: [{ where: 'server', what, remedy }],
  });
  if (error instanceof Unreachable) {
    if (error.remedy !== undefined) return one('unreachable', sentence(error.message), error.remedy);
    const remedy = 'Check that it is running, then run the command again.';
    return one('unreachable', `can't be reached: ${sentence(error.message)}`, remedy);
  }
  if (error instanceof ConnectionLost) {
    const what = 'the connection was lost before it answered. What was begun there goes on.';
    return one('unreachable', what, 'Run the command again.');
  }
  if (!(error instanceof AgentRefusal)) return undefined;
  const unknown = /^haven-agent: unknown command "([^"]*)"/.exec(error.message)?.[1];
  if (unknown !== undefined)
    return one(
      'failed',
      `its agent is an older one, which does not know "${unknown}".`,
      'To update it, run: haven up',
    );
  return one('failed', sentence(error.message), '');
}

const aBug = 'This is a bug in haven. Report it with the lines below.';
const checkConnection = 'Check your connection, then run the command again.';

/** What oclif finds wrong with what was typed, in our words. */
function usageProblems(error: Error, { name, flags }: TypedCommand): Problem[] {
  const help = `Run: ${name} --help`;
  const found = error as Error & { flags?: string[]; args?: unknown[] };
  switch (error.constructor.name) {
    case 'NonExistentFlagsError':
      return found.flags!.map((typed) => {
        const near = nearest(typed.replace(/^-+/, ''), flags);
        return {
          where: name,
          what: `there is no flag "${typed}".`,
          remedy: near ? `Did you mean "--${near}"?` : help,
        };
      });
    case 'UnexpectedArgsError':
      return found.args!.map((typed) => ({
        where: name,
        what: `unexpected argument "${typed}".`,
        remedy: help,
      }));
    case 'RequiredArgsError':
      return (found.args as { name: string; description?: string }[]).map((arg) => ({
        where: name,
        what: `${arg.name.toUpperCase()} is missing.${arg.description ? ` ${arg.description}` : ''}`,
        remedy: help,
      }));
    default:
      return [
        {
          where: name,
          what: sentence(
            error.message
              .replace(/\n?See more help with --help\s*$/, '')
              .replace(/^Parsing (--\S+)\s+/, '$1: ')
              .replaceAll(/\s+/g, ' '),
          ),
          remedy: help,
        },
      ];
  }
}

const sentence = (text: string): string => (/[.!?]\)?$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);
