import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, ApiUnreachable } from '../../components/api-call.ts';
import { AgentRefusal, Unreachable } from '../../components/provider/agent-link.ts';
import { ProblemsError } from '../../core/problem.ts';
import { exitCodes } from './exit-codes.ts';
import { exitCodeOf, failureJson, failureOf, failureSchema, renderFailure } from './failure.ts';

const typed = { name: 'haven up', flags: ['yes'] };
const network = (code: string, more = {}) =>
  Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error(code), { code, ...more }) });

test('each kind of error has its exit code, and is shown in words without a stack trace', () => {
  for (const [error, code, text] of [
    [new ProblemsError([{ where: 'a', what: 'b.', remedy: 'c' }], 'declined'), 4, '  a: b. c\n'],
    [
      new Unreachable('192.0.2.1 does not answer.'),
      3,
      "  server: can't be reached: 192.0.2.1 does not answer. Check that it is running, then run the command again.\n",
    ],
    [new AgentRefusal('there is no such user'), 1, '  server: there is no such user.\n'],
    [
      new ApiError('Cloudflare', 401, 'GET zones', { why: 'bad token' }),
      1,
      '  Cloudflare: does not accept the token any more (401). Create a new one, then run: haven secret set cloudflare-token\n',
    ],
    [
      new ApiError('Hetzner', 403, 'POST /servers', { why: 'permission denied', code: 'forbidden' }),
      1,
      '  Hetzner: does not let this token do that (403). Create a new one, then run: haven secret set hcloud-token\n',
    ],
    [
      new ApiError('Hetzner', 500, 'GET /servers'),
      3,
      "  Hetzner: can't answer right now: it has a fault of its own (500). Wait a few minutes, then run the command again.\n",
    ],
    [
      new ApiUnreachable('Hetzner', "can't be reached: no name server knows api.hetzner.cloud."),
      3,
      "  Hetzner: can't be reached: no name server knows api.hetzner.cloud. Check your connection, then run the command again.\n",
    ],
    [
      network('EAI_AGAIN'),
      3,
      "  network: can't be reached: no name server answers. Are you online? Check your connection, then run the command again.\n",
    ],
    [
      Object.assign(new Error('EISDIR: illegal operation on a directory, read'), {
        code: 'EISDIR',
        syscall: 'read',
        path: '/cloud/haven.yaml',
      }),
      1,
      '  /cloud/haven.yaml: is a directory, not a file. Move it away, then run the command again.\n',
    ],
    [
      new Error('the stack is currently locked by 1 lock(s).\n  file: created by ada@laptop (pid 1)'),
      1,
      '  haven: another command is changing this cloud (ada@laptop (pid 1)). Nothing was changed. Wait until it ends, then run the command again.\n',
    ],
    [Object.assign(new Error('x'), { name: 'ExitPromptError' }), 130, '  haven up: Nothing was changed.\n'],
  ] as const) {
    const failure = failureOf(error, typed);
    assert.equal(renderFailure(failure), text);
    assert.equal(exitCodeOf(failure), code);
    failureSchema.parse(failureJson(failure));
  }
});

test('what nobody expected is a bug, with the lines that find it', () => {
  const failure = failureOf(new TypeError("Cannot read properties of undefined (reading 'x')"), typed);
  assert.equal(failureJson(failure).error.code, 'unexpected');
  assert.equal(exitCodeOf(failure), exitCodes.failed);
  assert.match(renderFailure(failure), /This is a bug in haven[\s\S]*at .*failure\.test\.ts/);
});
