import { readdirSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { CloudUnderTest } from './cloud-under-test.ts';

/**
 * A journey uses the one cloud as its users and its owner do, in steps, and leaves it as it found it. It is a file in
 * journeys/, and its name is the file's.
 */
export type Journey = (cloud: CloudUnderTest, journey: Steps) => Promise<void>;

export interface Steps {
  /** One thing that is proved. When it fails, the journey ends there. */
  step(what: string, run: () => Promise<void>): Promise<void>;
  /** Is done at the end, however that comes; the last that was named first. */
  after(cleanUp: () => unknown): void;
}

const folder = new URL('./journeys/', import.meta.url);

/** It leaves another server than it found, so it comes last, and is not compared with what was before. */
export const lastJourney = 'recovery';

/**
 * It stops the sandbox, whose authority then knows no account any more (Pebble keeps them in memory). The next certificate brings
 * another account, which CAA records name from then on: a difference that a journey after it would be blamed for.
 */
const stopsTheSandbox = 'sandbox';

/** By name, and these two at the end. */
export const journeyNames = (): string[] => {
  const names = readdirSync(folder).map((file) => file.replace(/\.ts$/, ''));
  const atTheEnd = [stopsTheSandbox, lastJourney];
  return [...names.filter((each) => !atTheEnd.includes(each)).sort(), ...atTheEnd];
};

/** Runs a journey as steps of a test. The runner fails the test when a step fails, so no error is thrown here for it. */
export async function runJourney(test: TestContext, name: string, cloud: CloudUnderTest): Promise<void> {
  const { default: journey } = (await import(new URL(`${name}.ts`, folder).href)) as { default: Journey };
  const cleanUps: (() => unknown)[] = [];
  try {
    await journey(cloud, {
      step: async (what, run) => {
        let passed = false;
        await test.test(what, async () => {
          await run();
          passed = true;
        });
        if (!passed) throw new StepFailed(what);
      },
      after: (cleanUp) => cleanUps.push(cleanUp),
    });
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
  } finally {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }
}

class StepFailed extends Error {}
