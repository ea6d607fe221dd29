import type { Owner } from '../support/owner.ts';
import { BareEngine } from './bare-engine.ts';
import { type Figure, median, seconds, timed } from './figure.ts';

const rounds = 5;

/**
 * `plan` and `up` with nothing to do, beside a fixed bare program of the Automation API with as many resources at the same
 * API, whose preview or `up` also refreshes.
 */
export async function benchNoChange(owner: Owner): Promise<Figure[]> {
  const { kept } = await owner.plan();
  const bare = await BareEngine.open(owner, kept);
  try {
    const plan = await beside(
      () => owner.must(['plan']),
      () => bare.preview(),
    );
    const up = await beside(
      () => owner.must(['up', '--yes']),
      () => bare.up(),
    );
    return [
      {
        what: `plan, no change, ${kept} resources`,
        ours: seconds(plan.ours),
        beside: `bare Automation API preview with refresh: ${seconds(plan.bare)}`,
        ratio: plan.ours / plan.bare,
        limit: { ratio: 1.5 },
      },
      {
        what: `up, no change, ${kept} resources`,
        ours: seconds(up.ours),
        beside: `bare Automation API program: ${seconds(up.bare)}`,
        ratio: up.ours / up.bare,
        limit: { ratio: 2 },
      },
    ];
  } finally {
    bare.forget();
  }
}

/** Both in turns, so that what else this machine does meets both alike. Medians, in milliseconds. */
async function beside(
  work: () => Promise<unknown>,
  bareWork: () => Promise<unknown>,
): Promise<{ ours: number; bare: number }> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(await timed(bareWork));
    ours.push(await timed(work));
  }
  return { ours: median(ours), bare: median(bare) };
}
