import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackupPlace } from './backup-place.ts';
import { type ResticEnd, readResticFailure } from './restic-failure.ts';

const s3: BackupPlace = {
  kind: 's3',
  endpoint: 'https://fsn1.example.com',
  bucket: 'ada-backups',
  folder: 'ada',
};
const sftp: BackupPlace = {
  kind: 'sftp',
  host: 'u1.example.com',
  port: 23,
  user: 'u1',
  hostKey: 'ssh-ed25519 AAAA',
  folder: 'ada',
};
const setKey = 'Set both again: haven secret set backup-s3-key, haven secret set backup-s3-secret';
const retry = (text: string): string => `Stat(<config/>) returned error, retrying after 1.4s: Stat: ${text}`;
const sshEnded =
  'Fatal: unable to open repository at sftp://u1@u1.example.com:23/ada: unable to start the sftp session, error: error receiving version packet from server: server unexpectedly closed connection: unexpected EOF';

/** What restic 0.18 and OpenSSH printed; texts of S3 are those of Amazon, which others copy (ErrorResponses of its API). */
const table: [string, BackupPlace, Partial<ResticEnd>, string][] = [
  [
    'unknown access key',
    s3,
    { output: retry('The AWS Access Key Id you provided does not exist in our records.') },
    `fsn1.example.com does not know the access key. ${setKey}   Then run: haven up`,
  ],
  [
    'wrong secret',
    s3,
    {
      output: retry(
        'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      ),
    },
    `fsn1.example.com does not accept the secret of the access key. ${setKey}   Then run: haven up`,
  ],
  [
    'a key without rights',
    s3,
    {
      output:
        'Stat(<config/>) failed: Stat: Access Denied.\nFatal: unable to open config file: Stat: Access Denied.\nIs there a repository at the following location?',
    },
    `fsn1.example.com does not let the access key read and write bucket "ada-backups". Give it both rights at your provider. If it has them, key or secret are wrong. ${setKey}   Then run: haven up`,
  ],
  [
    'no bucket',
    s3,
    { output: retry('The specified bucket does not exist') },
    'fsn1.example.com has no bucket "ada-backups". Create it there, or fix backups.s3 in haven.yaml.   Then run: haven up',
  ],
  [
    'another region',
    s3,
    {
      output: retry('The authorization header is malformed; the region "nbg1" is wrong; expecting "fsn1"'),
    },
    'fsn1.example.com is in another region than haven.yaml says. Set backups.s3.region to the region of the bucket, or leave it out.   Then run: haven up',
  ],
  [
    'a request that is not accepted',
    s3,
    { output: retry('400 Bad Request') },
    'fsn1.example.com does not accept requests as haven.yaml describes it. Check backups.s3 in haven.yaml, also whether it needs a region.   Then run: haven up',
  ],
  [
    'a clock that is wrong',
    s3,
    { output: retry("The difference between the request time and the server's time is too large.") },
    "The server's clock differs from that of fsn1.example.com by more than 15 minutes. To see the server's clock, run: haven status   It is set over the network within minutes.",
  ],
  [
    'an authority that is not trusted',
    s3,
    {
      output: retry(
        'Get "https://fsn1.example.com/ada-backups/?location=": tls: failed to verify certificate: x509: certificate signed by unknown authority',
      ),
    },
    'The certificate of fsn1.example.com is not trusted (certificate signed by unknown authority). Check the name in backups.s3 in haven.yaml, or ask your provider.   Then run: haven up',
  ],
  [
    'a server without TLS',
    s3,
    { output: retry('Get "https://fsn1.example.com/": http: server gave HTTP response to HTTPS client') },
    'fsn1.example.com does not answer with TLS. Check backups.s3 in haven.yaml.   Then run: haven up',
  ],
  [
    'nothing that listens, until it was stopped',
    s3,
    {
      status: null,
      output: retry(
        'Get "https://fsn1.example.com/ada-backups/?location=": dial tcp 192.0.2.1:443: connect: connection refused',
      ),
    },
    "fsn1.example.com can't be reached: nothing listens at its address. The server tries again each hour. If it lasts, check backups.s3 in haven.yaml and ask your provider.",
  ],
  [
    'a name that does not exist',
    s3,
    { status: null, output: retry('dial tcp: lookup fsn1.example.com on 192.0.2.53:53: no such host') },
    "fsn1.example.com can't be reached: its name does not exist. The server tries again each hour. If it lasts, check backups.s3 in haven.yaml and ask your provider.",
  ],
  [
    'a storage that is full, until it was stopped',
    s3,
    { status: null, output: retry('There is not enough space in the storage.') },
    'The storage at fsn1.example.com is full. Book more space there, or keep fewer backups (backups.keep in haven.yaml).   Then run: haven up',
  ],
  [
    'a storage with a fault',
    s3,
    { status: null, output: retry('Please reduce your request rate.') },
    "fsn1.example.com can't be reached: it has a fault. The server tries again each hour. If it lasts, check backups.s3 in haven.yaml and ask your provider.",
  ],
  [
    'no bucket, as the storage itself says',
    s3,
    {
      status: 10,
      output:
        'NoSuchBucket\nFatal: repository does not exist: unable to open config file: Stat: The specified key does not exist.',
    },
    'fsn1.example.com has no bucket "ada-backups". Create it there, or fix backups.s3 in haven.yaml.   Then run: haven up',
  ],
  [
    'silence',
    s3,
    { status: null, output: '' },
    "fsn1.example.com can't be reached. The server tries again each hour. If it lasts, check backups.s3 in haven.yaml and ask your provider.",
  ],
  [
    'a password of another cloud',
    s3,
    { status: 12, output: 'Fatal: wrong password or no key found' },
    'The backups in folder "ada" are encrypted with another password than this cloud\'s. They may be those of another cloud. Choose another folder (backups.s3 in haven.yaml), or restore the secrets.age that they were made with.   Then run: haven up',
  ],
  [
    'no repository',
    s3,
    {
      status: 10,
      output:
        'Fatal: repository does not exist: unable to open config file: Stat: The specified key does not exist.',
    },
    'Folder "ada" at fsn1.example.com has no backups. Check backups.s3 in haven.yaml. If it is right, this makes the first ones: haven backup now',
  ],
  [
    'another lock',
    s3,
    {
      status: 11,
      output:
        '{"message_type":"exit_error","code":11,"message":"unable to create lock in backend: repository is already locked by PID 27137 on vm by root (UID 0, GID 0)"}',
    },
    'Another computer is working on these backups, or was interrupted in the last 30 minutes. The server tries again each hour.',
  ],
  [
    'a storage that is full',
    sftp,
    {
      output:
        'Save(<data/4ef1d3b520>) failed: sftp: no space left on device\n{"message_type":"exit_error","code":1,"message":"Fatal: unable to save snapshot: sftp: no space left on device"}',
    },
    'The storage at u1.example.com is full. Book more space there, or keep fewer backups (backups.keep in haven.yaml).   Then run: haven up',
  ],
  [
    'a key that SSH does not accept',
    sftp,
    { output: `u1@u1.example.com: Permission denied (publickey).\n${sshEnded}` },
    'u1.example.com does not accept the key of this cloud. To see the line that belongs into authorized_keys there, run: haven backup key   Then run: haven backup now',
  ],
  [
    'another host key',
    sftp,
    { output: `Host key verification failed.\n${sshEnded}` },
    'u1.example.com shows another host key than the one in haven.yaml. Compare the key that your provider publishes. If it is a new one, set backups.sftp.hostKey in haven.yaml.   Then run: haven up   If it is not, someone else may answer at u1.example.com: nothing was sent.',
  ],
  [
    'SSH that is not there',
    sftp,
    { output: `ssh: connect to host u1.example.com port 23: Connection refused\n${sshEnded}` },
    "u1.example.com can't be reached: nothing listens at its address. The server tries again each hour. If it lasts, check backups.sftp in haven.yaml and ask your provider.",
  ],
  [
    'SSH without SFTP',
    sftp,
    { output: `subsystem request failed on channel 0\n${sshEnded}` },
    'u1.example.com does not offer SFTP. Enable it at your provider, or fix backups.sftp in haven.yaml.   Then run: haven up',
  ],
  [
    'a folder that is not ours',
    sftp,
    {
      output:
        'Fatal: create repository at sftp://u1@u1.example.com:23/ada failed: Fatal: unable to open repository at sftp://u1@u1.example.com:23/ada: MkdirAll ada/index: permission denied',
    },
    'The user may not write to folder "ada" at u1.example.com. Give the user that right there, or fix backups.sftp in haven.yaml.   Then run: haven up',
  ],
  [
    'a file that can not be read',
    sftp,
    {
      status: 3,
      output:
        '{"message_type":"error","error":{"message":"read /data/files/a: input/output error"},"during":"archival","item":"/data/files/a"}\n',
    },
    'Some files could not be read, /data/files/a among them, so this backup was not kept. The server tries again each hour.',
  ],
  [
    'what is not known',
    sftp,
    { output: '{"message_type":"exit_error","code":1,"message":"Fatal: pack 1234 is damaged"}' },
    'restic failed (status 1): pack 1234 is damaged. The server tries again each hour.',
  ],
];

for (const [name, place, end, text] of table)
  test(`says what to do about ${name}`, () => {
    assert.equal(readResticFailure({ status: 1, output: '', ...end }, place).text, text);
  });

test('only what the owner has to change is not tried again', () => {
  const isLasting = (output: string) => readResticFailure({ status: 1, output }, s3).isLasting;
  assert.equal(isLasting(retry('The specified bucket does not exist')), true);
  assert.equal(isLasting(retry('dial tcp 192.0.2.1:443: connect: connection refused')), false);
  assert.equal(isLasting(retry('Please reduce your request rate.')), false);
});
