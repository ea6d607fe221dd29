import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyName, isCopyName, judgeState, type LocalState, numberOf } from './state-history.ts';

const first = copyName(1, '3fa9c1d2', '0b5e77aa11');
const second = copyName(2, '0b5e77aa', '77aa0b5e22');
const local: LocalState = {
  place: '3fa9c1d2',
  isShared: false,
  copy: first,
  isEmpty: false,
  isUnsent: false,
};
const unsent = { place: '3fa9c1d2', basedOn: first, holder: 'ada@laptop' };

const table: [string, Partial<LocalState>, Parameters<typeof judgeState>[1], string][] = [
  ['the server has no copy yet', { copy: null, isUnsent: true }, { newest: null, unsent: null }, 'current'],
  ['based on the newest', {}, { newest: first, unsent: null }, 'current'],
  ['based on the newest, with unsent changes', { isUnsent: true }, { newest: first, unsent }, 'current'],
  ['changed from elsewhere', {}, { newest: second, unsent: null }, 'older'],
  [
    'an empty folder',
    { isEmpty: true, copy: null, isUnsent: true },
    { newest: second, unsent: null },
    'older',
  ],
  ['the state was lost', { isEmpty: true, isUnsent: true }, { newest: first, unsent: null }, 'older'],
  ['changed in two places', { isUnsent: true }, { newest: second, unsent: null }, 'diverged'],
  ['interrupted elsewhere', { place: '0b5e77aa' }, { newest: first, unsent }, 'elsewhere'],
  ['interrupted elsewhere before a first copy', { place: '0b5e77aa' }, { newest: null, unsent }, 'elsewhere'],
  [
    'a shared backend, whose copy another machine sent',
    { isShared: true, copy: null, isUnsent: true },
    { newest: first, unsent: null },
    'current',
  ],
  [
    'a shared backend, after a folder changed the cloud',
    { isShared: true, isUnsent: true },
    { newest: second, unsent: null },
    'diverged',
  ],
];

for (const [name, difference, server, kind] of table)
  test(`judges a state: ${name}`, () => {
    assert.equal(judgeState({ ...local, ...difference }, server).kind, kind);
  });

test('a copy is known by its number, however many there are', () => {
  assert.equal(numberOf(null), 0);
  assert.equal(numberOf(copyName(1_000_000, '3fa9c1d2', '0b5e77aa11')), 1_000_000);
  for (const name of ['unsent.json', '../1-3fa9c1d2-0b5e77aa', '0-3fa9c1d2-0b5e77aa', 'draft-12'])
    assert.equal(isCopyName(name), false, name);
});
