import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { startVisitor } from '../../support/outside.ts';
import { typeCommand } from '../../support/type-command.ts';
import type { Journey } from '../journey.ts';

/** Stops the sandbox and starts it again, as in README. */
export default (async (cloud, { step }) => {
  const { XDG_CONFIG_HOME, HAVEN_SERVICES } = cloud.owner.environment;
  const env = {
    ...{ PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1' },
    ...{ XDG_CONFIG_HOME, HAVEN_SERVICES, HAVEN_SANDBOX_CLOUD: cloud.owner.directory },
  };
  const haven = (...args: string[]) =>
    typeCommand('npm', ['run', '--silent', 'haven', '--', ...args], { env });
  const mustHaven = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await haven(...args);
    assert.equal(code, 0, `haven ${args.join(' ')}\n${stdout}\n${stderr}`);
    return stdout;
  };

  await step('commands find its cloud from anywhere', async () => {
    await mustHaven('logs', 'website', '--lines', '5');
    assert.match(await mustHaven('ssh', 'cat', '/etc/debian_version'), /^13\./m);
  });

  await step('when it is stopped, nothing of it runs and commands fail', async () => {
    await mustHaven('sandbox', 'stop');
    assert.notEqual(spawnSync('ip', ['link', 'show', 'haven-sandbox']).status, 0, 'its network is gone');
    assert.notEqual((await haven('plan')).code, 0);
  });

  await step('npm start starts it again, and changes nothing', async () => {
    const { code, stdout } = await cloud.npmStart();
    assert.equal(code, 0, stdout);
    await startVisitor();
    await cloud.moved();
    await cloud.untilWell();
  });
}) satisfies Journey;
