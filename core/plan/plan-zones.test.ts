import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlannedZone } from '../dns/planned-zone.ts';
import { planZones } from './plan-zones.ts';

const domain = (name: string, more: { zone?: string; dnssec?: boolean } = {}) => ({
  name,
  dns: 'cloudflare',
  ...more,
});
const mail = { host: 'mail.example.org', domains: ['example.org'] };
const shown = (zones: PlannedZone[]): string[] => zones.map(({ name, dnssec }) => `${name} ${dnssec ?? ''}`);

test('zones with mail are signed: of each mail domain, and of the mail server', () => {
  const domains = ['example.org', 'second.example', 'third.example'].map((name) => domain(name));
  assert.deepEqual(shown(planZones(domains, undefined)), [
    'example.org ',
    'second.example ',
    'third.example ',
  ]);
  assert.deepEqual(shown(planZones(domains, { ...mail, domains: ['second.example'] })), [
    'example.org on',
    'second.example on',
    'third.example ',
  ]);
});

test('a zone is the nearest one above a name', () => {
  const domains = [domain('example.org'), domain('team.example.org'), domain('ample.org')];
  assert.deepEqual(
    shown(planZones(domains, { host: 'mail.team.example.org', domains: ['x.team.example.org'] })),
    ['example.org ', 'team.example.org on', 'ample.org '],
  );
});

test('one domain that says no to DNSSEC says so for its whole zone', () => {
  const domains = [
    domain('a.example.org', { zone: 'example.org' }),
    domain('example.org', { dnssec: false }),
  ];
  assert.deepEqual(shown(planZones(domains, mail)), ['example.org off']);
  assert.deepEqual(shown(planZones([domain('example.org', { dnssec: true })], mail)), ['example.org on']);
});
