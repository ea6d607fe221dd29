import assert from 'node:assert/strict';
import type { Journey } from '../journey.ts';

/** A table of users is checked first, then added. */
export default (async (cloud, { step }) => {
  const { owner } = cloud;
  const names = async () => (await cloud.users()).map((each) => each.name).sort();
  const before = await names();

  await step('reports every invalid row with its line number, and adds no user', async () => {
    const table = owner.write(
      'wrong.csv',
      'name,givenName,surname,groups\nroot,R,Oot,\nada,Ada,Again,\nBob Smith,Bob,Smith,\ncleo,,Patra,\n',
    );
    const problems = await owner.problems(['user', 'add', '--csv', table, '--yes']);
    const lines = problems.map((each) => Number(/:(\d+)$/.exec(each.where)?.[1]));
    assert.deepEqual(lines, [2, 3, 4, 5]);
    assert.deepEqual(await names(), before);
  });

  await step('with --dry-run it is only checked; with --yes all of them are added', async () => {
    const added = Array.from({ length: 2 }, (_, n) => `user${n}`);
    const table = owner.write(
      'users.csv',
      `name;givenName;surname;groups\n${added.map((name) => `${name};Per;Son;board`).join('\n')}\n`,
    );
    await owner.must(['user', 'add', '--csv', table, '--dry-run']);
    assert.deepEqual(await names(), before);
    await owner.must(['user', 'add', '--csv', table, '--yes']);
    assert.deepEqual(await names(), [...before, ...added].sort());
    const listed = (await owner.must(['user', 'list', '--csv'])).stdout;
    assert.match(listed, /^user1,Per,Son,board,user1@mycloud\.test,on$/m);
    await Promise.all(added.map((name) => owner.must(['user', 'remove', name, '--confirm', name])));
  });
}) satisfies Journey;
