import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

/** The number of a lab's server, from which its addresses follow (`serverAddresses`, sandbox/machine/network.ts). */
const numbered = /'layer-[a-z0-9-]+', (\d+)|serverAddresses\((\d+)\)/g;

/** The files that use each number. */
function usersOf(files: Record<string, string>): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const [file, text] of Object.entries(files))
    for (const number of new Set([...text.matchAll(numbered)].map((match) => match[1] ?? match[2]!)))
      users.set(number, [...(users.get(number) ?? []), file]);
  return users;
}

const shared = (files: Record<string, string>): [string, string[]][] =>
  [...usersOf(files)].filter(([, users]) => users.length > 1);

test('layers run at the same time, so none has the address of another', () => {
  const files = globSync('test/layers/*.test.ts').map((file) => [file, readFileSync(file, 'utf8')]);
  const texts = Object.fromEntries(files) as Record<string, string>;
  assert.ok(usersOf(texts).size > 15, 'the servers of layers are found');
  assert.deepEqual(shared(texts), []);
});

test('two layers with one address are found', () => {
  const one = "LabServer.create(lab, 'layer-one', 34)";
  const other = 'createMachine({ id, ...serverAddresses(34) })';
  assert.deepEqual(shared({ one, other }), [['34', ['one', 'other']]]);
});
