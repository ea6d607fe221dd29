import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shellCommands } from './shell-commands.ts';

const commands = (script: string) => shellCommands(script).commands;

test('finds the command of each part of a line', () => {
  assert.deepEqual(commands('a | b && c || d; e & f\ng'), ['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  assert.deepEqual(commands('X=1 Y="$(a)" b --flag c\nexec /start.sh now'), ['a', 'b', '/start.sh']);
  assert.deepEqual(commands('if ! a; then b; else { c; }; fi; while d; do (e); done'), [
    'a',
    'b',
    'c',
    'd',
    'e',
  ]);
  assert.deepEqual(commands('for each in a b; do c "$each"; done; for each; do d; done'), ['c', 'd']);
});

test('arguments, comments, quotes and values are no commands', () => {
  assert.deepEqual(commands('a \'b; c\' "d | e" # f; g\n# h\ni\\\n j'), ['a', 'i']);
  assert.deepEqual(commands('[ a = b ] && [[ c == d && e =~ ^(f|g)$ ]] && h'), ['h']);
  assert.deepEqual(commands('local list=(a b "$(c)") x\nn=$((d + 1))\n((n++))\ne'), ['c', 'e']);
  assert.deepEqual(commands('a > b 2>&1 < c <<< "d" &> e; f'), ['a', 'f']);
});

test('looks into substitutions, processes and here-documents', () => {
  assert.deepEqual(
    new Set(commands('x=$(a "$(b "c")" | d) e <(f g) "$(h)" `i`')),
    new Set(['a', 'b', 'd', 'e', 'f', 'h', 'i']),
  );
  assert.deepEqual(commands("a <<'END'\n$(b)\nc\nEND\nd"), ['a', 'd']);
  assert.deepEqual(commands('a <<END | b\n$(c)\nd\nEND\ne'), ['a', 'b', 'c', 'e']);
});

test('a case has patterns, which are no commands', () => {
  assert.deepEqual(commands('case "$1" in\n  a|b) c ;;\n  # d\n  *) e "f)" ;;\nesac\ng'), ['c', 'e', 'g']);
});

test('functions and files that are read in are told apart', () => {
  assert.deepEqual(
    shellCommands('. /haven/hooks.sh\nask() {\n  curl x\n}\nfunction say { a; }\nask; say; printf b'),
    {
      commands: ['curl', 'a', 'ask', 'say'],
      functions: ['ask', 'say'],
      sourced: ['/haven/hooks.sh'],
    },
  );
});

test('looks at what a shell, exec and env are told to run', () => {
  assert.deepEqual(commands(`sh -c 'a | b'; env X=1 c; exec -a name d; command -v e`), [
    'sh',
    'a',
    'b',
    'env',
    'c',
    'name',
  ]);
  assert.deepEqual(commands('"$program" a; $x'), []);
});
