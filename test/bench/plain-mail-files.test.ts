import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { parse } from 'yaml';
import { renderRelease } from '../../core/release/render-release.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { plainMailCompose, plainMailFiles, plainPorts } from './plain-mail-files.ts';

/** Mail's files as a release has them. */
let compose: string;
let files: Record<string, string>;

before(async () => {
  const { definition, compose: text, files: own } = (await loadCatalogue()).get('mail')!;
  const images = Object.fromEntries(Object.keys(definition.images).map((name) => [name, `${name}:1`]));
  const context = {
    ...{ domain: 'cloud.example', host: 'mail.cloud.example', loginHost: 'keycloak.cloud.example' },
    ...{ owner: { name: 'Test', email: 'test@cloud.example' }, timeZone: 'UTC' },
  };
  const options = definition.options.parse({});
  const release = renderRelease({ service: definition, compose: text, files: own, options, context, images });
  ({ 'compose.yaml': compose = '', ...files } = release.files);
});

test('the plain mail server takes no PROXY header, and none of the ports that HAProxy has', () => {
  const plain = plainMailFiles(files);
  const master = plain['files/postfix/master.cf'] ?? '';
  const listeners = [...master.matchAll(/^(\S+) +inet/gm)].map(([, at]) => at);
  assert.deepEqual(listeners, [
    ...[`${plainPorts.smtp}`, `${plainPorts.submissions}`, `${plainPorts.submission}`],
    ...['1587', '127.0.0.3:1588', '127.0.0.3:2525', '127.0.0.1:10026'],
  ]);
  const dovecot = plain['files/dovecot/dovecot.conf'] ?? '';
  const ports = [...dovecot.matchAll(/^ +port = (\d+)$/gm)].map(([, port]) => Number(port));
  assert.deepEqual(
    [25, 465, 587, 993, 4190].filter((port) => ports.includes(port)),
    [],
  );
  assert.match(dovecot, /port = 2993\n {4}ssl = yes\n {2}}/);
});

test('a change of mail that this does not know is an error which names the file', () => {
  const renamed = {
    ...files,
    'files/postfix/master.cf': files['files/postfix/master.cf']!.replace(':25 ', ':26 '),
  };
  assert.throws(() => plainMailFiles(renamed), /files\/postfix\/master\.cf has no .*:25/);
  const more = { ...files, 'files/new.conf': 'listen = 172.30.25.9' };
  assert.throws(() => plainMailFiles(more), /files\/new\.conf still names/);
});

test('each of its programs is on the network of the host, with folders of its own', () => {
  const { services } = parse(plainMailCompose(compose, { folder: '/plain', slapd: '192.0.2.7' })) as {
    services: Record<
      string,
      { network_mode: string; volumes?: string[]; networks?: object; ports?: string[] }
    >;
  };
  assert.deepEqual(Object.keys(services), Object.keys((parse(compose) as { services: object }).services));
  for (const [name, { network_mode, networks, ports, volumes = [] }] of Object.entries(services)) {
    assert.deepEqual([network_mode, networks, ports], ['host', undefined, undefined], name);
    assert.doesNotMatch(volumes.join('\n'), /DATA_|^\.\//m, name);
  }
  assert.ok(services.postfix?.volumes?.includes('/plain/data/queue:/queue'));
});
