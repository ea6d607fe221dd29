import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../core/plan/changes.ts';
import { afterDeploy } from '../../test/support/after-deploy.ts';
import { testServices } from '../../test/support/owner.ts';
import { stubSessions } from '../../test/support/stub-session.ts';
import { openCloud, type } from '../../test/support/typist.ts';
import { output } from './plan.ts';

const created: Change = {
  kind: 'create',
  type: 'haven:index:MailPreflight',
  name: 'mail-preflight',
  properties: [],
};

test('before mail goes live a plan says that Hetzner blocks port 25, in both forms, and later it does not', async () => {
  await openCloud({ services: ['postbox'], agent: { ...afterDeploy } });
  process.env.HAVEN_SERVICES = testServices;
  const engine = stubSessions();
  engine.changes = [created];
  const { stdout } = await type(['plan']);
  assert.match(
    stdout,
    /\+ create +Mail preflight +mail\.example\.org +tries port 25, reverse DNS and block lists/,
  );
  assert.match(stdout, /Hetzner blocks outgoing ports 25 and 465 of new customers\..*docs\/owners\/mail\.md/);
  const json = await type(['plan', '--json']);
  assert.equal(output.parse(JSON.parse(json.stdout)).outgoing?.length, 1);
  engine.changes = [];
  assert.doesNotMatch((await type(['plan'])).stdout, /port 25/);
});
