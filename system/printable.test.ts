import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable } from './printable.ts';
import { run } from './run.ts';

test('removes escape sequences and control characters, and keeps lines, tabs and all other characters', () => {
  assert.equal(printable('\u001b[31mred\u001b[0m \u001b]0;title\u0007end'), 'red end');
  assert.equal(printable('over\rwritten\b\u009b2J\u007f'), 'overwritten');
  assert.equal(printable('one\r\n\ttwo: für 日本'), 'one\n\ttwo: für 日本');
});

test('removes the beginning of a sequence that never ends', () => {
  assert.equal(printable('text\u001b'), 'text');
  for (const cut of ['\u001b]0;never ended', '\u001b[', '\u009b', '\u001bP1$r'])
    assert.ok(!['\u001b', '\u009b'].some((each) => printable(cut).includes(each)), JSON.stringify(cut));
});

test('the error of a program that failed cannot steer a terminal', async () => {
  const said = String.raw`printf '\033[2J\033]0;title\007refused' >&2; exit 1`;
  await assert.rejects(run('sh', ['-c', said]), ({ message }: Error) => {
    assert.match(message, /refused$/);
    assert.ok(!message.includes('\u001b') && !message.includes('\u0007'), JSON.stringify(message));
    return true;
  });
});
