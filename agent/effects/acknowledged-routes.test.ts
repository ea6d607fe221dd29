import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../../test/support/scratch.ts';
import { Layout } from '../store/layout.ts';
import {
  afterStarts,
  digestsOf,
  filesBehind,
  isBehind,
  readAcknowledged,
  whileTold,
} from './acknowledged-routes.ts';

const starts = { caddy: 'id 12:00' };
const open = { 'website.caddy': 'open' };
const refusing = { 'website.caddy': 'refusing' };

test('a program is told until it has acknowledged', () => {
  const told = { caddy: { start: 'id 12:00', files: open } };
  assert.equal(isBehind('caddy', starts, told, open), false);
  assert.equal(isBehind('caddy', starts, told, refusing), true);
  assert.equal(isBehind('caddy', starts, {}, open), true);
  assert.equal(
    isBehind('caddy', {}, told, refusing),
    false,
    'it does not run, and reads the files when it starts',
  );
});

test('what an earlier start acknowledged says nothing about this one', () => {
  const told = { caddy: { start: 'id 11:00', files: open } };
  assert.equal(isBehind('caddy', starts, told, open), true);
  assert.deepEqual(afterStarts(told, starts), { caddy: { start: 'id 12:00', files: {} } });
});

test('files that were written and never acknowledged are not counted as served', () => {
  const told = { caddy: { start: 'id 12:00', files: refusing } };
  assert.deepEqual(filesBehind('caddy', starts, told, { wanted: open, written: open }), ['website.caddy']);
});

test('a program whose answer was never written down is told again, also what it served before', () => {
  const told = { caddy: { start: 'id 12:00', files: { ...open, 'gitea.caddy': 'open' } } };
  const wanted = { ...refusing, 'gitea.caddy': 'open' };
  const telling = whileTold(told, 'caddy', wanted);
  assert.equal(isBehind('caddy', starts, telling, wanted), true);
  assert.equal(isBehind('caddy', starts, telling, told.caddy.files), true);
  const files = { wanted: told.caddy.files, written: wanted };
  assert.deepEqual(filesBehind('caddy', starts, telling, files), ['website.caddy']);
});

test('a program that has just started serves what was written', () => {
  const told = { caddy: { start: 'id 11:00', files: refusing } };
  assert.deepEqual(filesBehind('caddy', starts, told, { wanted: open, written: open }), []);
  assert.deepEqual(filesBehind('caddy', starts, told, { wanted: open, written: refusing }), [
    'website.caddy',
  ]);
});

test('a new certificate has to be acknowledged, too', () => {
  const layout = new Layout(scratch('acknowledged'));
  const file = join(layout.certificates, 'www.example.org', 'tls.pem');
  mkdirSync(join(layout.certificates, 'www.example.org'), { recursive: true });
  const routes = new Map([
    ['website.caddy', '\ttls /certs/www.example.org/tls.pem /certs/www.example.org/tls.pem'],
  ]);
  writeFileSync(file, 'first');
  const before = digestsOf(layout, routes);
  assert.deepEqual(digestsOf(layout, routes), before);
  writeFileSync(file, 'second');
  assert.notDeepEqual(digestsOf(layout, routes), before);
});

test('a damaged record says nothing, so that the programs are told once more', () => {
  const layout = new Layout(scratch('acknowledged'));
  mkdirSync(join(layout.root, 'reverse-proxy'));
  writeFileSync(layout.acknowledgedRoutes, '{"caddy"');
  assert.deepEqual(readAcknowledged(layout), {});
});
