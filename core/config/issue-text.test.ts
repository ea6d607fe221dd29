import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { issueText } from './issue-text.ts';

const cases: [z.ZodType, unknown, string][] = [
  [z.int(), '20', 'must be a number, without quotes'],
  [z.int(), '20GB', 'must be a number'],
  [z.int(), 20.5, 'must be a whole number'],
  [z.int().min(10), 5, 'must be at least 10'],
  [z.int().max(10240), 99999, 'must be at most 10240'],
  [z.string(), 42, 'must be text'],
  [z.string().min(1), '', 'must not be empty'],
  [z.string().min(4), 'abc', 'must have at least 4 characters'],
  [z.string().max(2), 'abc', 'must have at most 2 characters'],
  [z.array(z.string()).min(1), [], 'must have at least one entry'],
  [z.array(z.string()).max(1), ['a', 'b'], 'must have at most one entry'],
  [z.ipv4(), 'x', 'is not valid'],
  [z.string().regex(/^a$/), 'b', 'is not valid'],
  [z.boolean(), 'yes', 'must be true or false'],
  [z.enum(['cloudflare', 'manual']), 'route53', 'must be one of: cloudflare, manual'],
  [z.literal(1), '1', 'must be 1'],
  [z.array(z.string()), 'example.org', 'must be a list, one "- value" per line'],
  [z.strictObject({}), 'Ada', 'must be a group of settings, one "name: value" per line'],
  [z.record(z.string(), z.string()), [], 'must be a group of settings, one "name: value" per line'],
  [z.string().min(1, 'needs at least one domain'), '', 'needs at least one domain'],
];

for (const [schema, given, expected] of cases)
  test(`${JSON.stringify(given)} ${expected}`, () => {
    assert.equal(issueText(schema.safeParse(given).error!.issues[0]!, given), expected);
  });
