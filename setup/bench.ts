import { ensureEngine, silent } from '../engine/ensure-engine.ts';
import { stopSandbox } from '../sandbox/sandbox.ts';
import { benchBackups } from '../test/bench/backups.ts';
import { type Figure, printFigures } from '../test/bench/figure.ts';
import { benchFirstCloud } from '../test/bench/first-cloud.ts';
import { benchMail } from '../test/bench/mail.ts';
import { benchMailMemory } from '../test/bench/mail-memory.ts';
import { benchMemory } from '../test/bench/memory.ts';
import { benchNoChange } from '../test/bench/no-change.ts';
import { benchOneOption } from '../test/bench/one-option.ts';
import { benchSnapshot } from '../test/bench/snapshot.ts';
import { benchStartup } from '../test/bench/startup.ts';
import { benchTypedOption } from '../test/bench/typed-option.ts';
import { benchUsersCloud } from '../test/bench/users-cloud.ts';
import { LabServer, openLab } from '../test/support/lab.ts';
import { Owner } from '../test/support/owner.ts';
import { install, missing, sandboxNeeds } from './packages.ts';

/** `npm run bench`: ratios in one run. It tells; it fails nothing. Takes about ten minutes. */
const only = process.argv.slice(2);
const wanted = (name: string) => only.length === 0 || only.includes(name);
await install(await missing(sandboxNeeds), (what) => console.log(what));
await ensureEngine({ report: { ...silent, say: (line) => console.log(line) } });
await stopSandbox();
const figures: Figure[] = [];

if (wanted('startup')) figures.push(...benchStartup());
if (['option', 'snapshot', 'memory'].some(wanted)) {
  const server = await LabServer.create(await openLab(), 'bench', 24, { volumeGb: 24 });
  await server.apply(server.bundle('ledger', { version: 'bench' }));
  if (wanted('memory')) figures.push(...(await benchMemory(server)));
  if (wanted('option')) figures.push(...(await benchOneOption(server)));
  if (wanted('snapshot')) figures.push(...(await benchSnapshot(server)));
  await server.remove();
}
if (wanted('backups')) figures.push(...(await benchBackups()));
// The second one takes more than an hour, so only by their names.
if (only.includes('mail')) figures.push(...(await benchMail()));
if (['mail', 'mail-memory'].some((name) => only.includes(name))) figures.push(...(await benchMailMemory()));
if (wanted('up')) {
  const owner = await Owner.begin('bench.test');
  await owner.init();
  await owner.must(['up', '--yes']);
  figures.push(...(await benchNoChange(owner)));
  figures.push(await benchTypedOption(owner, 'website', (round) => `{ title: "Bench ${round}" }`));
  owner.forget();
}
if (['first-cloud', 'users'].some(wanted)) {
  const owner = await Owner.begin('users-bench.test');
  await owner.init({ services: ['gitea'] });
  figures.push(...(await benchFirstCloud(owner)));
  if (wanted('users')) {
    figures.push(...(await benchUsersCloud(owner)));
    figures.push(await benchTypedOption(owner, 'gitea', (round) => `{ title: "Bench ${round}" }`));
  }
  owner.forget();
}
await stopSandbox();
printFigures(figures);
