import assert from 'node:assert/strict';
import { test } from 'node:test';
import { debianSources } from './published-debian.ts';

test('the published base image names Debian’s own archive, with security updates where this machine has a mirror of them', () => {
  const suites = (sources: string) => [...sources.matchAll(/^Suites: (.+)$/gm)].map((match) => match[1]);
  const all = debianSources({ security: 'http://mirror.example/debian-security' });
  assert.deepEqual(suites(all), ['trixie trixie-updates', 'trixie-security']);
  assert.deepEqual(suites(debianSources({})), ['trixie trixie-updates']);
  assert.doesNotMatch(all, /mirror\.example/);
  assert.ok(all.split('\n\n').every((each) => each.startsWith('Types: deb\n')));
});
