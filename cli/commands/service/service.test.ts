import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fails, openCloud, succeeds, type } from '../../../test/support/typist.ts';

test('lists what runs, what comes along and what can be added', async () => {
  await openCloud({ services: ['website', 'gitea'] });
  const { screen, json } =
    await succeeds<{ id: string; chosen: boolean; implied: boolean }[]>('service list');
  const group = (title: string) => screen.stdout.split(`  ${title}\n`)[1]?.split('\n\n')[0] ?? '';
  assert.match(group('Yours, in haven.yaml'), /gitea +https:\/\/git\.example\.org\/[\s\S]*website/);
  assert.match(
    group('Added automatically, because yours need them'),
    /keycloak +https:\/\/login\.example\.org/,
  );
  assert.match(group('To add: haven service add NAME'), /^ +vaultwarden /m);
  const keycloak = json.find((each) => each.id === 'keycloak')!;
  assert.deepEqual([keycloak.chosen, keycloak.implied], [true, true]);
});

test('shows a service as haven.yaml has it: its address, who has access, its options', async () => {
  const cloud = await openCloud({ services: [] });
  cloud.write(
    'haven.yaml',
    cloud
      .read()
      .replace(
        'services:\n',
        'services:\n  website:\n    subdomain: club\n    access: users\n    options: { title: Our club }\n',
      ),
  );
  const { screen, json } = await succeeds<{
    opens: string[];
    access: string;
    state: string;
    options: { name: string; value?: unknown }[];
  }>('service info', ['website']);
  assert.deepEqual(json.opens, ['https://club.example.org/']);
  assert.match(json.access, /users with a login/);
  assert.equal(json.options.find((each) => each.name === 'title')?.value, 'Our club');
  assert.equal(json.state, 'chosen');
  assert.match(screen.stdout, /Opens +https:\/\/club\.example\.org\//);
  assert.match(screen.stdout, /title \("Our club"\)/);
});

test('shows the reverse proxy, which is a service like the others', async () => {
  await openCloud();
  const { json } = await succeeds<{ state: string }>('service info', ['reverse-proxy']);
  assert.equal(json.state, 'added automatically');
});

test('adds several services at once, and nothing twice', async () => {
  const cloud = await openCloud();
  const { json } = await succeeds('service add', ['gitea', 'vaultwarden'], { once: true });
  assert.deepEqual(json, { added: ['gitea', 'vaultwarden'], changed: [], unchanged: [] });
  assert.match(cloud.read(), /gitea: \{\}\n +vaultwarden: \{\}/);
  const again = await type(['service', 'add', 'gitea']);
  assert.match(again.stdout, /gitea is already in haven\.yaml/);
  assert.equal(again.code, 0);
});

test('changes the settings of a service that is there, and keeps the others', async () => {
  const cloud = await openCloud();
  await type(['service', 'add', 'gitea', '--subdomain', 'code', '--option', 'title=First']);
  const { json } = await succeeds('service add', ['gitea', '--option', 'title=Second'], { once: true });
  assert.deepEqual(json, { added: [], changed: ['gitea'], unchanged: [] });
  assert.match(cloud.read(), /gitea:\n +subdomain: code\n +options:\n +title: Second/);
});

test('says that a service that comes along needs no adding, and writes nothing', async () => {
  const cloud = await openCloud();
  const before = cloud.read();
  const { screen } = await succeeds('service add', ['keycloak']);
  assert.match(screen.stdout, /keycloak is added automatically with the services that need it/);
  assert.equal(cloud.read(), before);
});

test('lets a person at a terminal tick services', async () => {
  const cloud = await openCloud();
  const { code } = await type(['service', 'add'], { answers: [[/Which services/, ['gitea']]] });
  assert.equal(code, 0);
  assert.match(cloud.read(), /gitea: \{\}/);
});

test('refuses what cannot be added, and writes nothing', async () => {
  const cloud = await openCloud();
  const before = cloud.read();
  await fails(['service', 'add', 'gitae'], 'usage', /no service "gitae".*Did you mean "gitea"/);
  await fails(['service', 'add'], 'usage', /SERVICE is missing.*There are: .*gitea/);
  await fails(['service', 'add', 'gitea', '--option', 'title'], 'usage', /must look like NAME=VALUE/);
  await fails(['service', 'add', 'gitea', '--option', 'titel=x'], 'failed', /Did you mean "title"/);
  await fails(['service', 'add', 'gitea', 'website', '--subdomain', 'x'], 'usage', /several are named/);
  assert.equal(cloud.read(), before);
});

test('removes a service from haven.yaml and says what goes with it', async () => {
  const cloud = await openCloud({ services: ['website', 'gitea'] });
  const removed = await type(['service', 'remove', 'gitea']);
  assert.match(removed.stdout, /Nothing else needs .*keycloak.*Their data is kept/);
  assert.doesNotMatch(cloud.read(), /gitea/);
  const { json } = await succeeds('service remove', ['gitea']);
  assert.deepEqual(json, { service: 'gitea', removed: false, dataDeleted: false });
});

test('a service that another one needs stays, and the answer names the other one', async () => {
  await openCloud({ services: ['gitea'] });
  const { screen } = await succeeds('service remove', ['keycloak']);
  assert.match(screen.stdout, /keycloak is not in haven\.yaml itself: .*gitea.* needs it, so it stays/);
  await fails(
    ['service', 'remove', 'keycloak', '--with-data', '--confirm', 'keycloak', '--no-backups'],
    'failed',
    /gitea.* still needs keycloak\. Nothing was changed/,
  );
});

test('deletes no data before every consent is given, and writes nothing until then', async () => {
  const cloud = await openCloud({ services: ['website', 'gitea'] });
  const before = cloud.read();
  const typed = ['service', 'remove', 'gitea', '--with-data'];
  await fails(
    typed,
    'declined',
    /deletes all data of gitea on the server\. Nothing was changed\..*--confirm gitea/,
  );
  await fails(
    [...typed, '--confirm', 'gitea'],
    'declined',
    /this cloud makes no backups, so what is deleted is lost\. To make them, add `backups`.*--confirm gitea --no-backups/,
  );
  await fails([...typed, '--no-backups', '--confirm', 'git'], 'declined', /"git" is not gitea/);
  await fails(typed, 'declined', /"no" is not gitea/, { answers: [[/Type gitea to continue/, 'no']] });
  assert.equal(cloud.read(), before);
});

test('with backups, says where those of a service stay, and asks for its name alone', async () => {
  const yaml = 'backups:\n  s3: { endpoint: "https://s3.example.com", bucket: ada }';
  const cloud = await openCloud({ services: ['website', 'gitea'], yaml });
  const before = cloud.read();
  const typed = ['service', 'remove', 'gitea', '--with-data'];
  await fails([...typed, '--confirm', 'git'], 'declined', /"git" is not gitea/);
  await fails(
    typed,
    'declined',
    /deletes all data of gitea on the server\. Its backups are kept \(bucket "ada" at s3\.example\.com\)\. Nothing was changed/,
  );
  assert.equal(cloud.read(), before);
});
