import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  foldersWithCopy,
  ownerCopyHash,
  ownerCopyPath,
  parseOwnerCopy,
  renderOwnerCopy,
  tooLargeForCopy,
} from './owner-copy.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const files = new Map([
  ['haven.yaml', bytes('id: ada\n')],
  ['secrets.age', new Uint8Array([0, 255, 10, 128])],
  ['services/wiki/files/ä b.conf', bytes('')],
]);
const at = '2026-11-29T15:00:00.000Z';

test('a copy has every file as it was, bytes and names', () => {
  const parsed = parseOwnerCopy(renderOwnerCopy({ haven: 'ada', at, files }));
  assert.ok('copy' in parsed);
  assert.equal(parsed.copy.haven, 'ada');
  assert.equal(parsed.copy.at, at);
  const back = [...parsed.copy.files].map(([path, content]) => [path, [...content]]);
  assert.deepEqual(
    back,
    [...files].map(([path, content]) => [path, [...content]]),
  );
});

test('the hash follows names and content, and not the order', () => {
  const turned = new Map([...files].reverse());
  assert.equal(ownerCopyHash(turned), ownerCopyHash(files));
  assert.notEqual(
    ownerCopyHash(new Map([...files, ['haven.yaml', bytes('id: eve\n')]])),
    ownerCopyHash(files),
  );
  assert.notEqual(ownerCopyHash(new Map([['a', bytes('b')]])), ownerCopyHash(new Map([['ab', bytes('')]])));
});

test('no path leads out of the directory, or into what haven keeps for itself', () => {
  const evil = [
    ...['../haven.yaml', '/etc/passwd', 'services/../../a', 'a//b', './a', 'a/', '', 'a\\b', 'a\0b'],
    ...['.haven/sandbox', '.HAVEN/state/x'],
  ];
  for (const path of evil) {
    const text = renderOwnerCopy({ haven: 'ada', at, files: new Map([...files, [path, bytes('x')]]) });
    assert.deepEqual(parseOwnerCopy(text), { fault: 'does not contain the files of a cloud.' }, path);
  }
});

test('says what is wrong with what is not a copy', () => {
  assert.deepEqual(parseOwnerCopy('{"format":1,"fi'), { fault: 'is damaged: it was cut short or changed.' });
  assert.deepEqual(parseOwnerCopy('{"format":2,"haven":"ada"}'), {
    fault: 'was written by a newer version of OpenHaven than this one.',
  });
  const empty = renderOwnerCopy({ haven: 'ada', at, files: new Map() });
  assert.deepEqual(parseOwnerCopy(empty), { fault: 'does not contain the files of a cloud.' });
});

test('names the largest file where all are more than 20 MB', () => {
  const small = new Map([
    ['haven.yaml', 1e6],
    ['photo.raw', 15e6],
  ]);
  assert.equal(tooLargeForCopy(small), undefined);
  const { path, mb, allMb } = tooLargeForCopy(new Map([...small, ['more.raw', 6e6]])) ?? {};
  assert.deepEqual([path, mb, allMb], ['photo.raw', 15, 22]);
});

test('is beside the folder of the backups, and is found there', () => {
  assert.equal(ownerCopyPath({ folder: 'clouds/ada' }), 'clouds/ada.owner.age');
  assert.deepEqual(foldersWithCopy(['b.owner.age', 'ada.owner.age', 'ada/config', '.owner.age', 'x.age']), [
    'ada',
    'b',
  ]);
});
