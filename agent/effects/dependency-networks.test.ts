import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dependencyNetwork } from '../../core/release/dependency-network.ts';
import { type ConnectedContainer, networkProblem } from './dependency-networks.ts';

const network = dependencyNetwork('miniflux', 'ldap');
const container = (
  service: string,
  name: string,
  networks: string[],
  { isOnce = false } = {},
): ConnectedContainer => ({ service, name, networks, isOnce });

const own = container('miniflux', 'app', ['haven-miniflux_default', network.name]);
const theirs = container('ldap', 'slapd', ['haven-ldap_default', network.name]);
const problem = (containers: ConnectedContainer[], { isInternal = true, name = network.name } = {}) =>
  networkProblem('miniflux', network, { networks: [{ name, isInternal }], containers });

test('a network that leads from one program to the other, and nowhere else, is as it should be', () => {
  assert.equal(problem([own, theirs]), undefined);
  assert.equal(problem([]), undefined, 'what has no containers is not healthy, which is told elsewhere');
});

test('a network that is missing, or that leads outside, is told', () => {
  assert.equal(problem([own, theirs], { name: 'another' }), 'its network to ldap (missing)');
  assert.equal(problem([own, theirs], { isInternal: false }), 'its network to ldap (open to the internet)');
});

test('a program on either side that is not connected is named', () => {
  const apart = (each: ConnectedContainer) => ({ ...each, networks: ['bridge'] });
  assert.equal(problem([apart(own), theirs]), 'its network to ldap (not connected: miniflux app)');
  assert.equal(problem([own, apart(theirs)]), 'its network to ldap (not connected: ldap slapd)');
});

test('a database, an auth proxy and a program that runs once need no such network', () => {
  const others = [
    container('miniflux', 'db', []),
    container('miniflux', 'auth-proxy', []),
    container('miniflux', 'migrate', [], { isOnce: true }),
    container('ldap', 'db', []),
    container('website', 'web', []),
  ];
  assert.equal(problem([own, theirs, ...others]), undefined);
});

test('of a dependency whose programs are named, the others need not be connected', () => {
  const used = dependencyNetwork('webmail', 'mail', undefined, ['dovecot', 'postfix']);
  const containers = [
    container('webmail', 'roundcube', [used.name]),
    container('mail', 'dovecot', [used.name]),
    container('mail', 'rspamd', []),
  ];
  const look = (more: ConnectedContainer) =>
    networkProblem('webmail', used, {
      networks: [{ name: used.name, isInternal: true }],
      containers: [...containers, more],
    });
  assert.equal(look(container('mail', 'postfix', [used.name])), undefined);
  assert.equal(look(container('mail', 'postfix', [])), 'its network to mail (not connected: mail postfix)');
});
