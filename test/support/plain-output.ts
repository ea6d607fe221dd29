import assert from 'node:assert/strict';

/** Throws if a terminal would obey something in a text: any control character but tab and line feed (ECMA-48 §5). */
export function mustBePlain(text: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  const found = /[^\n]{0,80}[\u0000-\u0008\u000b-\u001f\u007f-\u009f][^\n]{0,80}/.exec(text)?.[0];
  assert.equal(found && JSON.stringify(found), undefined);
}
