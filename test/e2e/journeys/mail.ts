import assert from 'node:assert/strict';
import { openForeignMail } from '../../support/foreign-mail.ts';
import type { Journey } from '../journey.ts';
import { byProgram } from '../mail/by-program.ts';
import { byWebmail } from '../mail/by-webmail.ts';

/**
 * Mail and webmail of a cloud, and mail of another company, which judges what it gets by programs that we did not write:
 * policyd-spf, OpenDKIM, OpenDMARC, and Postfix with DANE. To add both and to remove them takes minutes, so it is done once.
 */
export default (async (cloud, journey) => {
  const { step, after } = journey;
  const { owner, domain } = cloud;
  const host = `mail.${domain}`;
  const yaml = owner.read();
  let isRemoved = false;
  const remove = async (): Promise<void> => {
    owner.write('haven.yaml', yaml);
    await owner.must(['up', '--yes']);
    for (const id of ['webmail', 'mail'])
      await owner.must(['service', 'remove', id, '--with-data', '--confirm', id]);
    isRemoved = true;
  };
  after(() => isRemoved || remove());
  await openForeignMail(after);

  await step('webmail brings mail along: one plan has its ports, its records and their reasons', async () => {
    const [unfit] = await owner.problems(['service', 'add', 'webmail']);
    assert.match(unfit!.what, /^server\.diskGb: /, 'its quotas do not fit beside those of all others');
    const services = /^services:\n/m;
    owner.write(
      'haven.yaml',
      yaml.replace(services, '$&  webmail: {}\n  mail: { quotaGb: { mailboxes: 1 } }\n'),
    );
    const plan = await owner.plan();
    for (const name of [domain, host, `_dmarc.${domain}`, `_25._tcp.${host}`])
      assert.ok(
        plan.lines.some((each) => each.what === 'DNS' && each.name.startsWith(name)),
        name,
      );
    const { stdout } = await owner.must(['up', '--yes']);
    assert.match(stdout, new RegExp(`Email: ${host}:465 accepts email from this cloud`));
    assert.equal((await owner.plan()).code, 0);
  });
  await byProgram(cloud, journey);
  await byWebmail(cloud, journey);
  await step('removed with its data, nothing of it is left', remove);
}) satisfies Journey;
