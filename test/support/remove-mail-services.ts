import type { CloudUnderTest } from '../e2e/cloud-under-test.ts';

/** Puts haven.yaml back to a text without these services, and removes them with their data. */
export async function removeMailServices(
  { owner }: Pick<CloudUnderTest, 'owner'>,
  yaml: string,
  ids: string[],
): Promise<void> {
  owner.write('haven.yaml', yaml);
  await owner.must(['up', '--yes']);
  for (const id of ids) await owner.must(['service', 'remove', id, '--with-data', '--confirm', id]);
}
