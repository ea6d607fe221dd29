import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePins, renderPins } from './pins.ts';

test('reads pins back as written', () => {
  const pins = {
    version: 2 as const,
    images: { website: { web: 'openhaven/caddy:1' } },
    keys: { 'www.example.org': 2 },
    dkim: { 'example.org': { selector: '2026a', publicKey: 'TUlJQg==' } },
    spf: { 'example.org': ['include:a.example'] },
  };
  assert.deepEqual(parsePins(renderPins(pins)), pins);
});

test('refuses a haven.lock of format 1, with the commands to run', () => {
  assert.throws(
    () => parsePins('{"version": 1, "images": {}}'),
    /^ProblemsError: haven\.lock: is from an earlier version of OpenHaven \(format 1\)\..*Nothing was changed\. .*haven destroy --with-data .*haven up$/,
  );
});

test('names both formats of a newer haven.lock, and how to update', () => {
  assert.throws(
    () => parsePins('{"version": 3, "images": {}}'),
    /haven\.lock: was written by a newer version of haven: it has format 3, and this version reads format 2\. Update haven: /,
  );
});

const halfKeys = ['{"selector": "2026a"}', '{"selector": "", "publicKey": "TUlJQg=="}', '"MIIB"'].map(
  (key) => `{"version": 2, "images": {}, "dkim": {"example.org": ${key}}}`,
);

test('refuses a damaged haven.lock', () => {
  for (const text of ['', '{', '{"version": "3"}', '{"version": 2}', ...halfKeys])
    assert.throws(() => parsePins(text), /haven\.lock: is damaged/);
});
