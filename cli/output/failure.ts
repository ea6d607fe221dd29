import { Errors } from '@oclif/core';
import { z } from 'zod';
import { ApiError } from '../../components/api-call.ts';
import { ZoneNotFound } from '../../components/dns-provider.ts';
import { dnsProviderFacts } from '../../components/dns-providers.ts';
import { AgentRefusal, Unreachable } from '../../components/provider/agent-link.ts';
import { nearest, type Problem, ProblemsError, renderProblem } from '../../core/problem.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';

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
  if (error instanceof Unreachable)
    return one(
      'unreachable',
      'server',
      `does not answer: ${sentence(error.message)}`,
      'Check that it is running, then run the command again.',
    );
  if (error instanceof AgentRefusal) return one('failed', 'server', sentence(error.message), '');
  if (error instanceof ApiError) return ofProvider(error);
  if (error instanceof ZoneNotFound) return one('failed', 'haven.yaml: domains', error.what, error.remedy);
  if (/currently locked by/.test(error.message)) {
    const by = /created by (.*)$/m.exec(error.message)?.[1] ?? 'another user';
    const what = `another command is changing this cloud (${by}). Nothing was changed.`;
    return one('failed', 'haven', what, 'Wait until it ends, then run the command again.');
  }
  return (
    ofNetwork(error) ?? {
      ...one('unexpected', typed.name, sentence(error.message), aBug),
      ...(error.stack ? { stack: error.stack } : {}),
    }
  );
}

const aBug = 'This is a bug in haven. Report it with the lines below.';

/** The secret that holds a company's token, by the company's name. */
const tokens = new Map([
  ['Hetzner', 'hcloud-token'],
  ...dnsProviderFacts.flatMap(({ token }) => (token ? [[token.issuer, token.secret] as const] : [])),
]);

/** What a company says of a token that it does not accept (RFC 9110 §15.5.2, §15.5.4). */
const refusals: Record<number, string> = {
  401: 'does not accept the token any more (401).',
  403: 'does not let this token do that (403).',
};

function ofProvider(error: ApiError): Failure {
  const { who, status } = error;
  const token = tokens.get(who);
  const what = refusals[status];
  if (what && token) {
    const remedy = `Create a new one, then run: haven secret set ${token}`;
    return { code: 'failed', problems: [{ where: who, what, remedy }] };
  }
  return { code: 'failed', problems: [{ where: who, what: sentence(error.message), remedy: '' }] };
}

/** What Node's `fetch` says when nobody answers: the reason is the cause (nodejs.org/api/errors.html, "Common system errors"). */
const networkReasons: Record<string, string> = {
  ENOTFOUND: 'its name is not found',
  EAI_AGAIN: 'no name server answers',
  ECONNREFUSED: 'it refuses the connection',
  ECONNRESET: 'it ended the connection',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'this machine has no network',
};

/** Why nobody answered `fetch`; undefined if that is not what went wrong. */
export const networkReason = (error: Error): string | undefined =>
  error.name === 'TimeoutError'
    ? 'it does not answer'
    : networkReasons[((error.cause ?? error) as { code?: string }).code ?? ''];

function ofNetwork(error: Error): Failure | undefined {
  const cause = (error.cause ?? error) as { hostname?: string; address?: string; port?: number };
  const reason = networkReason(error);
  if (!reason) return undefined;
  const where = cause.hostname ?? (cause.address ? `${cause.address}:${cause.port}` : 'network');
  const problem = {
    where,
    what: `can't be reached: ${reason}.`,
    remedy: 'Check your connection, then run the command again.',
  };
  return { code: 'unreachable', problems: [problem] };
}

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

const sentence = (text: string): string => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);
