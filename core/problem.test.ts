import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './problem.ts';

const cases: [typed: string, known: string[], meant: string | undefined][] = [
  ['webstie', ['website', 'gitea'], 'website'],
  ['gitae', ['gate', 'gitea'], 'gitea'],
  ['Gitea', ['website', 'gitea'], 'gitea'],
  ['cx24', ['ax23', 'cx23'], 'cx23'],
  ['nonsense', ['website', 'gitea'], undefined],
  ['x', ['id', 'domains'], undefined],
];

for (const [typed, known, meant] of cases)
  test(`takes "${typed}" for ${meant ? `"${meant}"` : 'nothing that is known'}`, () => {
    assert.equal(nearest(typed, known), meant);
  });
