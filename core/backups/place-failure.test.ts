import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderProblem } from '../problem.ts';
import type { BackupPlace } from './backup-place.ts';
import { type PlaceFailure, placeProblem } from './place-failure.ts';

const s3: BackupPlace = { kind: 's3', endpoint: 'https://s3.example', bucket: 'ada', folder: 'ada-1' };
const sftp: BackupPlace = {
  ...{
    kind: 'sftp',
    host: 'box.example',
    port: 23,
    user: 'u1',
    hostKey: 'ssh-ed25519 AAAA',
    folder: 'ada-1',
  },
};
const said = (place: BackupPlace, kind: PlaceFailure['kind'], detail = ''): string =>
  renderProblem(placeProblem(place, { kind, detail }, 'haven up'));

const words: [BackupPlace, PlaceFailure['kind'], string, string][] = [
  [
    s3,
    'unreachable',
    "can't be reached: s3.example does not answer.",
    `bucket "ada" at s3.example: can't be reached: s3.example does not answer. Check that it is online, and your connection. Then run: haven up`,
  ],
  [
    s3,
    'denied',
    'AccessDenied: no',
    'bucket "ada" at s3.example: the storage refuses the key, or the key may not use this bucket (403). Check both at the company that runs it, or create new ones. Those of a cloud are changed by: haven secret set backup-s3-key, and backup-s3-secret. Then run: haven up',
  ],
  [
    s3,
    'no-bucket',
    '',
    'bucket "ada" at s3.example: the storage has no such bucket. Create it, or correct its name. Then run: haven up',
  ],
  [
    s3,
    'other-region',
    'eu-central-1',
    'bucket "ada" at s3.example: the storage is in the region "eu-central-1". Name it: --region eu-central-1, or "region: eu-central-1" in haven.yaml. Then run: haven up',
  ],
  [
    s3,
    'full',
    '',
    'bucket "ada" at s3.example: there is no space left. Order more space, or delete something there. Then run: haven up',
  ],
  [
    sftp,
    'denied',
    '',
    'u1@box.example:ada-1: u1 may not read or write there. Check the folder and its permissions on that server. Then run: haven up',
  ],
  [
    sftp,
    'key-refused',
    '',
    "u1@box.example:ada-1: the server does not accept the SSH key. Add its public half to the server's .ssh/authorized_keys. Of the key of a cloud, haven backup key shows it. Then run: haven up",
  ],
  [
    sftp,
    'refused',
    'Failure',
    'u1@box.example:ada-1: the server refuses: Failure. Look up what it means at the company that runs it. Then run: haven up',
  ],
];

for (const [place, kind, detail, sentence] of words)
  test(`${place.kind}: "${kind}" is a sentence with what to do`, () =>
    assert.equal(said(place, kind, detail), sentence));

test('of another host key, nothing was sent', () => {
  assert.match(said(sftp, 'other-host'), /another host key.*Nothing was sent to it\..*ssh-keyscan/);
});
