import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunFolder } from '../../../components/provider/run-folder.ts';
import { generateSshKey } from '../../../core/ssh-key.ts';
import { fails, openCloud, succeeds, type } from '../../../test/support/typist.ts';
import { backupSecretValues, makeBackupSecrets } from '../../project/backup-secrets.ts';
import { Project } from '../../project/project.ts';

const hostKey = generateSshKey('').public.trim();
const sftp = (host: string): string =>
  `backups:\n  sftp: { host: ${host}, port: 23, user: u1, hostKey: ${hostKey} }`;
const s3 = 'backups:\n  s3: { endpoint: "https://s3.example.com", bucket: ada }';

test('shows the same public key each time, and where to put it; a pipe gets the key alone', async () => {
  const cloud = await openCloud({ yaml: sftp('box.example.com') });
  const { screen, json } = await succeeds('backup key');
  assert.match(screen.stdout, /^ssh-ed25519 [A-Za-z0-9+/=]+ haven backups of typed-1234\n$/);
  assert.match(
    screen.stderr,
    /Add this line to the file \.ssh\/authorized_keys of the user u1 on box\.example\.com\./,
  );
  assert.deepEqual(json, { key: screen.stdout.trim(), host: 'box.example.com', port: 23, user: 'u1' });
  const kept = JSON.parse((await cloud.secrets()).get('backup-sftp-key')!) as { public: string };
  assert.equal(kept.public, screen.stdout.trim());
});

test('names the command that gives the key to a Storage Box', async () => {
  await openCloud({ yaml: sftp('u1.your-storagebox.de') });
  assert.match(
    (await type(['backup', 'key'])).stderr,
    /run: haven backup key \| ssh -p 23 u1@u1\.your-storagebox\.de install-ssh-key/,
  );
});

test('a cloud without such a place is told what to do instead', async () => {
  await openCloud();
  await fails(
    ['backup', 'key'],
    'failed',
    /this cloud makes no backups\. To make them, add `backups` to haven\.yaml \(docs\/owners\/backups\.md\)\./,
  );
  await openCloud({ yaml: s3 });
  await fails(
    ['backup', 'key'],
    'failed',
    /go to bucket "ada" at s3\.example\.com, which uses no SSH key\. Set its keys with: haven secret set backup-s3-key/,
  );
});

test('the server gets the private half of the key, and the same password in each run', async () => {
  await openCloud({ yaml: sftp('box.example.com') });
  const project = await Project.open();
  assert.deepEqual(backupSecretValues(project), {}, 'nothing exists before the first up');
  const none = { sshKey: '', acmeAccountKey: '', passphrase: '', given: {}, acmeTrust: '' };
  const given = async () => {
    const run = RunFolder.create(none, new Map());
    try {
      await makeBackupSecrets(await Project.open(), run);
      return ['backup-sftp-key', 'backup-password'].map((name) => run.given(name));
    } finally {
      run.remove();
    }
  };
  const [key, password] = await given();
  assert.match(key!, /^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
  assert.equal(Buffer.from(password!, 'base64url').length, 32);
  assert.deepEqual(await given(), [key, password]);
  const again = backupSecretValues(await Project.open());
  assert.deepEqual(again, { 'backup-sftp-key': key, 'backup-password': password });
});
