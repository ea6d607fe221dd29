import assert from 'node:assert/strict';
import { sandboxState } from '../../../sandbox/control.ts';
import { waitUntil } from '../../../system/wait-until.ts';
import { OutsideWriter } from '../../support/outside.ts';
import type { Journey } from '../journey.ts';

/** Services that are taken out and put back, with their data and without. */
export default (async (cloud, { step }) => {
  const { ada, owner } = cloud;
  const yaml = owner.read();
  const out = { gitea: ['db', 'files'], ledger: ['db', 'files'] };
  const writer = new OutsideWriter(cloud.hosts.ledger, cloud.ipv4);
  await waitUntil('some rows', () => writer.acknowledged.length > 20);
  await writer.stop();

  await step('data is deleted only after its service was named', async () => {
    const [unsure] = await owner.problems(['service', 'remove', 'calendar', '--with-data']);
    assert.ok(unsure);
    assert.equal(owner.read(), yaml, 'nothing was changed');
  });

  await step('a service that is taken out leaves its data and nothing else', async () => {
    for (const service of Object.keys(out)) await owner.must(['service', 'remove', service]);
    const plan = await owner.plan();
    assert.ok(plan.lines.some((each) => each.kind === 'delete' && each.name === 'ledger'));
    // The up of this command takes the others out, too.
    await owner.must(['service', 'remove', 'calendar', '--with-data', '--confirm', 'calendar']);
    const { cloudflare } = await sandboxState();
    const records = cloudflare.zones.find((each) => each.name === cloud.domain)!.records;
    for (const [service, data] of Object.entries(out)) {
      const left = await cloud.onServer(
        [
          `docker ps -a --format '{{.Names}}' | grep '^haven-${service}-' || true`,
          `docker network ls --format '{{.Name}}' | grep 'haven-${service}' || true`,
          `ls /srv/haven/reverse-proxy/routes /srv/haven/reverse-proxy/tcp | grep '^${service}' || true`,
        ].join('\n'),
      );
      assert.equal(left, '', service);
      assert.deepEqual((await cloud.onServer(`ls /srv/haven/services/${service}/data`)).split('\n'), data);
    }
    for (const host of [cloud.hosts.git, cloud.hosts.ledger]) {
      assert.equal(await cloud.onServer(`ls /srv/haven/certs | grep -cx ${host} || true`), '0');
      assert.ok(!records.some((each) => each.name.endsWith(host)), host);
    }
    assert.notEqual((await ada.git.git(['ls-remote', ada.ssh])).code, 0, 'its port is closed with it');
    assert.equal((await owner.plan()).code, 0);
  });

  await step('one that is removed with its data leaves nothing of it', async () => {
    const left = await cloud.onServer('cd /srv/haven && ls services secrets journal | grep calendar || true');
    assert.equal(left, '');
    const images = await cloud.onServer("docker image ls --format '{{.Repository}}'");
    assert.doesNotMatch(images, /calendar/);
    assert.match(images, /openhaven\/postgres/, 'what others use stays');
  });

  await step('Ctrl-C ends what is under way and begins nothing new', async () => {
    owner.write('haven.yaml', yaml);
    let sent = false;
    const stopped = await owner.haven(['up', '--yes'], {
      onOutput: (text, stop) => {
        if (sent || !text.includes('✔')) return;
        sent = true;
        stop('SIGINT');
      },
    });
    assert.notEqual(stopped.code, 0);
    assert.equal((await owner.plan()).code, 2, 'what was not begun is in the next plan');
  });

  await step('the next up goes on, and a service that is put back has its data', async () => {
    await owner.must(['up', '--yes']);
    assert.match(await ada.git.must(['ls-remote', ada.ssh]), /refs\/heads\/main/);
    const rows = await writer.rows();
    assert.deepEqual(
      writer.acknowledged.filter((id) => !rows.has(id)),
      [],
    );
  });
}) satisfies Journey;
