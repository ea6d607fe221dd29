import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { autoconfig } from '../../core/mail/autoconfig.ts';
import { autodiscover } from '../../core/mail/autodiscover.ts';
import { Caddy } from '../support/caddy.ts';

/** Fixed pages by the real Caddy: what programs get who look for settings where a standard says. */
let caddy: Caddy;
const server = 'mail.example.org';
before(async () => {
  caddy = await Caddy.start(
    [],
    [
      { host: 'autoconfig.example.org', pages: [autoconfig('example.org', server)] },
      { host: 'autodiscover.example.org', pages: [autodiscover(server)] },
    ],
  );
});
after(() => caddy?.stop());

test('a page answers with its text, by any method and query, with capitals or without', async () => {
  const [config] = [autoconfig('example.org', server)];
  const query = '?emailaddress=ada%40example.org';
  assert.deepEqual(await caddy.read('autoconfig.example.org', `${config.path}${query}`), {
    status: 200,
    type: config.contentType,
    text: config.text.trimEnd(),
  });
  for (const path of ['/autodiscover/autodiscover.xml', '/Autodiscover/Autodiscover.xml']) {
    const { status, text } = await caddy.read('autodiscover.example.org', path, 'POST');
    assert.deepEqual([status, text], [200, autodiscover(server).text.trimEnd()]);
  }
});

test('every other path is not there', async () => {
  assert.equal((await caddy.read('autoconfig.example.org', '/')).status, 404);
  assert.equal((await caddy.read('autodiscover.example.org', '/mail/config-v1.1.xml')).status, 404);
});

test('in maintenance of its service it stays', async () => {
  writeFileSync(join(caddy.states('maintenance'), 'website'), '');
  assert.equal(await caddy.stateOf('website'), 'maintenance');
  assert.equal((await caddy.read('autoconfig.example.org', '/mail/config-v1.1.xml')).status, 200);
});
