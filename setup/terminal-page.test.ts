import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderTerminalPage } from './terminal-page.ts';

test("shows a command's output with its colours, and escapes it", () => {
  const page = renderTerminalPage(
    'haven plan',
    '\n  \u001b[32m+ create\u001b[39m <a> & \u001b[1mb\u001b[22m\n',
  );
  assert.match(page, /<pre>\$ haven plan\n/);
  assert.match(
    page,
    /<span style="color:#7ee787">\+ create<\/span> &lt;a&gt; &amp; <span style="font-weight:bold">b<\/span><\/pre>/,
  );
});

test('closes a colour that the output left open, and ignores a stray end', () => {
  assert.match(
    renderTerminalPage('x', '\u001b[0mone \u001b[2mtwo'),
    /one <span style="opacity:.65">two<\/span><\/pre>/,
  );
});
