import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderProblem } from '../core/problem.ts';
import { fails, type } from '../test/support/typist.ts';
import { unknownCommand } from './unknown-command.ts';

const known = [
  'plan',
  'up',
  'status',
  'ssh',
  'exec',
  'user add',
  'user remove',
  'user set-password',
  'service info',
  'secret set',
];

test('a command of another program, or a mistyped one, leads to ours', () => {
  for (const [typed, said] of [
    ['deploy', 'haven: there is no command "deploy". Did you mean "haven up"?'],
    ['statsu', 'haven: there is no command "statsu". Did you mean "haven status"?'],
    [
      'people delete ada',
      'haven: there is no command "people delete ada". Did you mean "haven user remove"?',
    ],
    ['user passwd', 'haven: there is no command "user passwd". Did you mean "haven user set-password"?'],
    ['service show', 'haven: there is no command "service show". Did you mean "haven service info"?'],
    [
      'secret frobnicate',
      'haven: there is no command "secret frobnicate". Did you mean "haven secret --help"?',
    ],
    ['frobnicate', 'haven: there is no command "frobnicate". Run: haven --help'],
    ['plan example.org', 'haven plan: unexpected argument "example.org". Run: haven plan --help'],
  ])
    assert.equal(renderProblem(unknownCommand(typed!.split(' '), known)), said);
});

test('ends as every wrong usage does, in words and in JSON', async () => {
  await fails(['deploy'], 'usage', /Did you mean "haven up"/);
  await fails(['plan', 'example.org'], 'usage', /unexpected argument "example\.org"/);
  await fails(['up', '--yse'], 'usage', /no flag "--yse"\. Did you mean "--yes"/);
});

test('"haven help up" is "haven up --help"', async () => {
  assert.equal((await type(['help', 'nonsense', '--json'])).code, 64);
});
