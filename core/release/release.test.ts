import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examplePlan as plan } from '../../test/support/example-plan.ts';
import { touchesPrograms } from './release.ts';

test('a change of routes alone restarts no program', () => {
  const { bundle } = plan.releases.find((each) => each.service === 'website')!;
  const moved = structuredClone(bundle);
  moved.release.routes[0]!.host = 'other.example.org';
  assert.equal(touchesPrograms(bundle, moved), false);
  moved.files['files/site/index.html'] += ' ';
  assert.equal(touchesPrograms(bundle, moved), true);
  assert.equal(touchesPrograms(undefined, bundle), true);
});
