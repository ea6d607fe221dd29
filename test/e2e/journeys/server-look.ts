import assert from 'node:assert/strict';
import type { Journey } from '../journey.ts';

/** What something else changes on the server itself, or at its Docker: a plan shows it, and `up` puts it right. */
export default (async (cloud, { step, after }) => {
  const { owner } = cloud;
  const shown = async (): Promise<string[]> => {
    const { code, lines } = await owner.plan();
    assert.equal(code, 2);
    assert.ok(lines.every((each) => !each.stops));
    return lines.map(({ what, name, detail }) => `${what} ${name}: ${detail}`);
  };
  const putRight = async (): Promise<void> => {
    await owner.must(['up', '--yes']);
    assert.equal((await owner.plan()).code, 0);
  };

  await step('a file, a timer and a firewall table of the server are planned, and put right', async () => {
    after(() => cloud.onServer('haven-agent maintenance && systemctl enable --now haven-recover.timer'));
    // The timer loads the firewall each minute, so without it nothing but `up` puts that right.
    await cloud.onServer('systemctl disable --now haven-recover.timer; systemctl stop haven-recover.service');
    await cloud.onServer('nft flush table inet haven_metadata');
    await cloud.onServer("echo '# mine' >> /etc/sysctl.d/60-haven.conf");
    const [line, ...others] = await shown();
    assert.match(line ?? '', /^Set-up \S+: changed from elsewhere, put right: /);
    assert.equal(
      line?.replace(/^.*put right: /, ''),
      '/etc/sysctl.d/60-haven.conf (content), haven-recover.timer (disabled, inactive), firewall table haven_metadata',
    );
    assert.deepEqual(others, []);
    await putRight();
    await cloud.onServer('systemctl is-active haven-recover.timer; systemctl is-enabled haven-recover.timer');
    await cloud.onServer('nft list table inet haven_metadata | grep 169.254.0.0/16');
    assert.equal(await cloud.onServer('grep -c mine /etc/sysctl.d/60-haven.conf || true'), '0');
  });

  await step(
    'an image without its name and a cut network are planned, and put right beside what runs',
    async () => {
      const container = 'haven-calendar-radicale-1';
      const running = () => cloud.onServer(`docker inspect -f '{{.Id}} {{.State.StartedAt}}' ${container}`);
      const before = await running();
      const image = await cloud.onServer(
        `docker image inspect -f '{{index .RepoTags 0}}' $(docker inspect -f '{{.Image}}' ${container})`,
      );
      await cloud.onServer(`docker image rm --force ${image}`);
      await cloud.onServer(`docker network disconnect haven-calendar-to-ldap ${container}`);
      assert.deepEqual(await shown(), [
        `Service calendar: changed from elsewhere, put right: its image ${image} (without its name), its network to ldap (not connected: calendar radicale)`,
      ]);
      await putRight();
      assert.equal(await running(), before);
      await cloud.onServer(`docker image inspect ${image}; docker exec ${container} getent hosts ldap`);
    },
  );
}) satisfies Journey;
