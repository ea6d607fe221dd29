import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { releaseHash } from '../../core/release/release.ts';
import { plainBundle } from '../../test/support/plain-bundle.ts';
import { scratch } from '../../test/support/scratch.ts';
import { deployPlain, StubKeycloak } from '../../test/support/stub-keycloak.ts';
import { lookAtAccounts } from '../effects/accounts.ts';
import { ensureLoginKeys } from '../effects/login-keys.ts';
import { appendEntry } from '../store/journal.ts';
import { Layout } from '../store/layout.ts';
import { settleAccounts } from './settle-accounts.ts';
import { steps } from './steps.ts';

/** A service like webmail, whose tokens open mail, with a login that started beside it. */
const service = 'inbox';
const login = {
  redirectUris: ['https://inbox.example/back'],
  scopes: ['mail'],
  mayComeLater: true as const,
};
const { PATH } = process.env;
let layout: Layout;
let keycloak: StubKeycloak;

beforeEach(async () => {
  const root = scratch('settle-accounts');
  layout = new Layout(join(root, 'haven'), join(root, 'run'));
  // Instead of Docker: the login has a container.
  writeFileSync(
    join(root, 'docker'),
    '#!/bin/sh\necho "haven-keycloak\tkeycloak\t\t1\trunning\tUp 1 second"\n',
    {
      mode: 0o755,
    },
  );
  process.env.PATH = `${root}:${PATH}`;
  keycloak = await StubKeycloak.start(layout);
});
afterEach(() => {
  keycloak.close();
  process.env.PATH = PATH;
});

const keys = () => join(layout.loginKeys, 'mail', service, 'ES256');
const differing = async () => [...(await lookAtAccounts(layout, [deployed()])).entries()];
const deployed = () => plainBundle(service, { login }).release;
const client = ['POST /clients', `POST /clients/${service}/scope-mappings/realm`];

test('a service that was there before the login gets its client, and before that the keys that its tokens are checked with', async () => {
  deployPlain(layout, service, { login });
  assert.deepEqual(await differing(), [
    [service, ['its client at the login', "the login's keys for its tokens"]],
  ]);
  let known: string[] = [];
  keycloak.onChange = () => {
    if (keycloak.changes.length === 0) known = readdirSync(keys());
  };
  await settleAccounts(layout);
  assert.deepEqual(known, ['key'], 'the keys are there before the client is');
  assert.deepEqual(keycloak.changes, client);
  assert.deepEqual(await differing(), []);
  await settleAccounts(layout);
  assert.deepEqual(keycloak.changes, client, 'nothing is changed again');
});

test('keys that are missing, others, or too many are seen and put right, where the client is as it should be', async () => {
  deployPlain(layout, service, { login });
  await settleAccounts(layout);
  const right = readFileSync(join(keys(), 'key'), 'utf8');
  const faults = [
    () => rmSync(layout.loginKeys, { recursive: true }),
    () => writeFileSync(join(keys(), 'key'), 'another'),
    () => writeFileSync(join(keys(), 'gone'), right),
  ];
  for (const fault of faults) {
    fault();
    assert.deepEqual(await differing(), [[service, ["the login's keys for its tokens"]]]);
    await settleAccounts(layout);
    assert.deepEqual(await differing(), []);
    assert.deepEqual(readdirSync(keys()), ['key']);
  }
});

test('two deploys that end at the same moment make one client', async () => {
  deployPlain(layout, service, { login });
  await Promise.all([settleAccounts(layout), settleAccounts(layout)]);
  assert.deepEqual(keycloak.changes, client);
});

/** The login is being deployed for the first time, beside the service. */
function beginLogin(): () => void {
  const journal = layout.journal('keycloak');
  const { text, at } = { text: readFileSync(journal, 'utf8'), at: '2026-01-01T00:00:00.000Z' };
  const [open] = text.split('\n');
  writeFileSync(journal, `${open}\n`);
  return () => {
    appendEntry(journal, { entry: 'commit', at, op: '1' });
    appendEntry(journal, { entry: 'finished', at, op: '1', outcome: 'committed' });
  };
}

test('while the login is still to come, a service does without its keys', async () => {
  beginLogin();
  await ensureLoginKeys(layout, deployed());
  assert.throws(() => readdirSync(keys()), /ENOENT/);
});

test('a login that came since the operation of a service began is one that the service has a client and keys for, when it is checked', async () => {
  const release = deployPlain(layout, service, { login });
  const to = releaseHash({ ...plainBundle(service, { login }), release });
  const check = () =>
    steps.check.do({
      layout,
      operation: { id: '2', service, from: null, to, by: 'ada', touchesPrograms: true },
      entries: [],
      agent: [],
    });
  const end = beginLogin();
  await check();
  assert.deepEqual(keycloak.changes, []);
  end();
  await check();
  assert.deepEqual(keycloak.changes, client);
  assert.deepEqual(readdirSync(keys()), ['key']);
});
