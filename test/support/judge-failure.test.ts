import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JudgedFailure, judgeFailure } from './judge-failure.ts';

const good: JudgedFailure = {
  screen: {
    code: 1,
    stdout: '',
    stderr: '  Hetzner: does not accept the token any more (401). Create a new one.\n',
  },
  seconds: 1,
  secrets: ['x'.repeat(64)],
  json: {
    error: {
      code: 'failed',
      exitCode: 1,
      problems: [
        { where: 'Hetzner', what: 'does not accept the token any more (401).', remedy: 'Create a new one.' },
      ],
    },
  },
  code: 'failed',
};
const saying = (stderr: string): Partial<JudgedFailure> => ({ screen: { code: 1, stdout: '', stderr } });
const naming = (where: string, what: string, remedy: string): Partial<JudgedFailure> => ({
  json: { error: { code: 'failed', exitCode: 1, problems: [{ where, what, remedy }] } },
});

const planted: [name: string, change: Partial<JudgedFailure>, fault: RegExp][] = [
  ['the address of an API', saying('Get https://api.hetzner.cloud/servers'), /the address of an API/],
  ['the address of an emulator', saying('Get http://127.0.0.1:4000/'), /the address of an API/],
  ['a path of an API', saying('answers 500 to GET /servers?per_page=1'), /a path of an API/],
  ['a URN', saying("Duplicate resource URN 'urn:pulumi:a::b::c'"), /a URN/],
  ['NaN', saying('Costs NaN EUR a month'), /NaN/],
  ['a missing value', saying('server undefined'), /a value of the program/],
  ["zod's English", saying('Expected record, received number'), /library's own English/],
  ['a stack trace', saying('  x\n    at main (file:///srv/haven/cli/main.ts:3:1)'), /a stack trace/],
  ['a class of errors', saying('TypeError: fetch failed'), /the name of a class/],
  ['a code of the system', saying('EISDIR: illegal operation on a directory, read'), /operating system/],
  ['a key', saying('AGE-SECRET-KEY-1AAAA'), /a secret/],
  ['a token', saying(`with the token ${'x'.repeat(64)}`), /shows a secret/],
  ['our own bug', saying('This is a bug in haven.'), /a bug/],
  ['what JSON.parse says', saying("Unexpected token '<' in JSON at position 0"), /JSON parser/],
  ['another exit code', { code: 'unreachable' }, /ended with 1, not 3/],
  ['half a minute', { seconds: 31 }, /took 31 s/],
  ['two problems for one cause', { causes: 2 }, /names 1 problems/],
  ['no sentence', naming('Hetzner', 'answers 500', 'Wait.'), /is not a sentence/],
  ['nothing to do', naming('Hetzner', 'answers 500.', ''), /does not say what to do/],
  ['no place', naming('', 'it failed.', 'Wait.'), /does not say where/],
];

test('a failure in the form of the house has no fault', () => {
  assert.deepEqual(judgeFailure(good), []);
});

for (const [name, change, fault] of planted)
  test(`sees a planted fault: ${name}`, () => {
    const faults = judgeFailure({ ...good, ...change });
    assert.equal(faults.length, 1, faults.join('\n'));
    assert.match(faults[0]!, fault);
  });
