import { join } from 'node:path';
import { Args } from '@oclif/core';
import { z } from 'zod';
import { ProblemsError } from '../../../core/problem.ts';
import { shownTime } from '../../../sandbox/build/build-progress.ts';
import { loadDurations, secondsLeft } from '../../../sandbox/build/durations.ts';
import { missingTasks } from '../../../sandbox/build/run-tasks.ts';
import { ensureBucket } from '../../../sandbox/control.ts';
import { daemonPid } from '../../../sandbox/daemon-process.ts';
import { rememberedCloud } from '../../../sandbox/default-cloud.ts';
import { type Bucket, readBucketName } from '../../../sandbox/internet/storage/names.ts';
import { storageTasks } from '../../../sandbox/internet/storage/program.ts';
import { makeMissing } from '../../../sandbox/prepare.ts';
import { typed } from '../../../system/typed.ts';
import { HavenCommand } from '../../base-command.ts';
import { whileBuilding } from '../../output/while-building.ts';

const where = 'haven sandbox bucket';

export const output = z.strictObject({
  endpoint: z.url(),
  region: z.string(),
  bucket: z.string(),
  key: z.string(),
  secret: z.string(),
});

export default class SandboxBucket extends HavenCommand {
  static override summary = 'Create a bucket in the sandbox, to try backups.';
  static override description =
    'Shows what to add to haven.yaml and what to run next. The first time, it builds the S3 server that stores the backups, which takes 1 to 2 minutes. A bucket that exists already is left unchanged, and the same is shown again.';
  static override examples = ['<%= config.bin %> <%= command.id %> my-backups'];
  static override args = {
    name: Args.string({
      required: true,
      description: 'The name of the bucket: a-z, 0-9 and hyphens, 3 to 63 characters.',
    }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { args } = await this.parse(SandboxBucket);
    const name = readName(args.name);
    if (!daemonPid()) {
      const what = 'the sandbox is not running. Nothing was changed.';
      throw new ProblemsError([{ where, what, remedy: 'To start it, run: npm start' }]);
    }
    await this.#buildStorage();
    const bucket = await ensureBucket(name);
    this.#say(bucket);
    return bucket;
  }

  async #buildStorage(): Promise<void> {
    const missing = await missingTasks(storageTasks);
    if (missing.length === 0) return;
    const seconds = secondsLeft(
      missing.map((task) => ({ task })),
      loadDurations(),
    );
    this.log(`  Building the sandbox's S3 server, once. This takes about ${shownTime(seconds)}.`);
    await whileBuilding("The sandbox's S3 server", (screen) => makeMissing(missing, { screen }));
  }

  #say({ endpoint, region, bucket, key, secret }: Bucket): void {
    const lines = [
      `  The bucket ${bucket} is in the sandbox. To let your cloud back itself up to it:`,
      '',
      `  1. Add these lines to ${join(rememberedCloud(), 'haven.yaml')}. If it has "backups" already, replace that.`,
      '',
      // Not indented, so that they can be copied as they are.
      'backups:',
      '  s3:',
      `    endpoint: ${endpoint}`,
      `    bucket: ${bucket}`,
      `    region: ${region}`,
      '',
      '  2. Store the keys of the bucket. They open nothing outside this sandbox.',
      '',
      `    echo ${key} | ${typed('secret set backup-s3-key')}`,
      `    echo ${secret} | ${typed('secret set backup-s3-secret')}`,
      '',
      '  3. Set backups up, make one of every service, and see it:',
      '',
      `    ${typed('up')}`,
      `    ${typed('backup now')}`,
      `    ${typed('backup list')}`,
    ];
    for (const line of lines) this.log(line);
  }
}

function readName(name: string): string {
  try {
    return readBucketName(name);
  } catch (error) {
    const remedy = `Run it with another name, such as: ${typed('sandbox bucket my-backups')}`;
    throw new ProblemsError([{ where, what: (error as Error).message, remedy }], 'usage');
  }
}
