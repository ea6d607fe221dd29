import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../test/support/scratch.ts';
import { leaveOut } from './leave-out.ts';

const state = `package state

import (
	"fmt"

	_ "example.org/drivers/file"
	_ "example.org/drivers/far" // driver for far://
	"example.org/far"
)

func open(url string) error {
	if url == far.Scheme {
		if err := far.Login(); err != nil {
			return err
		}

		return nil
	}

	switch scheme(url) {
	case far.Scheme:
		return far.Open()

	default:
		return fmt.Errorf("%s: unknown", url)
	}
}

// fix is for far.
func fix(input *far.Input) {
	input.Fixed = true
}

func close() {}
`;

/** A small module: one file that is shortened and one that goes. */
function fakeModule(): string {
  const folder = scratch('module');
  mkdirSync(join(folder, 'state'));
  writeFileSync(join(folder, 'state', 'state.go'), state);
  writeFileSync(join(folder, 'state', 'far.go'), 'package state\n');
  return folder;
}

test('leaves out files and lines, with the blocks that these lines open, and nothing else', () => {
  const folder = fakeModule();
  leaveOut(folder, {
    'state/far.go': 'far only',
    'state/state.go': {
      '"example.org/drivers/far"': 'far only',
      '"example.org/far"': 'far only',
      'if url == far.Scheme {': 'far only',
      'case far.Scheme:': 'far only',
      'func fix(': 'far only',
    },
  });
  assert.deepEqual(readdirSync(join(folder, 'state')), ['state.go']);
  assert.equal(
    readFileSync(join(folder, 'state', 'state.go'), 'utf8'),
    `package state

import (
	"fmt"

	_ "example.org/drivers/file"
)

func open(url string) error {

	switch scheme(url) {

	default:
		return fmt.Errorf("%s: unknown", url)
	}
}

// fix is for far.

func close() {}
`,
  );
});

test('of another version of the source, names all that is not found or not clear, and changes nothing', () => {
  const folder = fakeModule();
  const leftOut = {
    'state/far.go': 'far only',
    'state/near.go': 'near only',
    'state/state.go': { '"example.org/drivers/near"': 'near only', 'far.Scheme': 'far only' },
  };
  assert.throws(() => leaveOut(folder, leftOut), {
    message: [
      'state/near.go: does not exist.',
      'state/state.go: 0 lines contain "example.org/drivers/near", not 1.',
      'state/state.go: 2 lines contain far.Scheme, not 1.',
    ].join('\n'),
  });
  assert.equal(readFileSync(join(folder, 'state', 'state.go'), 'utf8'), state);
  assert.deepEqual(readdirSync(join(folder, 'state')), ['far.go', 'state.go']);
});
