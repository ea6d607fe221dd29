import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderTrialFirewall } from './trial-firewall.ts';

test("the trial's firewall is replaced as a whole, and is empty when nothing is in trial", () => {
  const text = renderTrialFirewall({ bridges: [], ports: [], uids: [], checkUid: 990 });
  assert.match(text, /^add table inet haven_trial\ndelete table inet haven_trial\n/);
  assert.match(text, /set bridges \{ type ifname; \}/);
  assert.match(
    renderTrialFirewall({ bridges: ['hv-x'], ports: [], uids: [], checkUid: 990 }),
    /set own_bridge \{ type ifname \. ifname; elements = \{ "hv-x" \. "hv-x" \}; \}/,
  );
});
