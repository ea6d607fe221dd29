import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleCatalogue } from '../../test/support/example-plan.ts';
import { chosenServices, dependenciesOf } from './dependencies.ts';
import { authProxyMemoryMb, memoryMb } from './memory.ts';

const website = exampleCatalogue.get('website')!.definition;
const cloudWith = (access: 'public' | 'users' | 'admins') => ({ services: { website: { access } } });

test('a service that its owner restricts needs the login', () => {
  assert.deepEqual(dependenciesOf(website, exampleCatalogue, undefined), []);
  assert.deepEqual(dependenciesOf(website, exampleCatalogue, { access: 'public' }), []);
  for (const access of ['users', 'admins'] as const)
    assert.deepEqual(dependenciesOf(website, exampleCatalogue, { access }), ['keycloak']);
});

test('what a service needs runs too, before it, and a cloud with a login has the portal', () => {
  assert.deepEqual(chosenServices(cloudWith('public'), exampleCatalogue), ['reverse-proxy', 'website']);
  assert.deepEqual(chosenServices(cloudWith('users'), exampleCatalogue), [
    ...['reverse-proxy', 'ldap', 'keycloak'],
    ...['website', 'portal'],
  ]);
});

test('webmail brings mail, LDAP and the login along, each before what needs it', () => {
  assert.deepEqual(chosenServices({ services: { webmail: {} } }, exampleCatalogue), [
    ...['reverse-proxy', 'ldap', 'keycloak', 'mail'],
    ...['webmail', 'portal'],
  ]);
});

test('each protected service needs the memory of an auth proxy', () => {
  const runs = { services: { website: {}, gitea: {} } };
  const restricted = { services: { website: { access: 'admins' as const }, gitea: {} } };
  assert.equal(memoryMb(restricted, exampleCatalogue), memoryMb(runs, exampleCatalogue) + authProxyMemoryMb);
});

test('a part that an option switches on needs its memory, too', () => {
  const mail = (options: object) =>
    memoryMb({ services: { mail: { options: { ...options } } } }, exampleCatalogue);
  const { antivirus } = exampleCatalogue.get('mail')?.definition.optional ?? {};
  assert.equal(mail({ antivirus: true }) - mail({ antivirus: false }), antivirus?.memoryMb);
  assert.ok((antivirus?.memoryMb ?? 0) > 1000);
});
