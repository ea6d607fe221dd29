import type { Owner } from '../support/owner.ts';
import { BareEngine } from './bare-engine.ts';
import { type Figure, median, seconds, timed } from './figure.ts';

const rounds = 5;

/** `up` with nothing to do, beside a fixed bare program of the Automation API with as many resources at the same API. */
export async function benchNoChange(owner: Owner): Promise<Figure[]> {
  const { kept } = await owner.plan();
  const bare = await BareEngine.open(owner, kept);
  try {
    const ours: number[] = [];
    const beside: number[] = [];
    for (let round = 0; round < rounds; round++) {
      beside.push(await timed(() => bare.run()));
      ours.push(await timed(() => owner.must(['up', '--yes'])));
    }
    return [
      {
        what: `up, no change, ${kept} resources`,
        ours: seconds(median(ours)),
        beside: `bare Automation API program: ${seconds(median(beside))}`,
        ratio: median(ours) / median(beside),
        limit: { ratio: 2 },
      },
    ];
  } finally {
    bare.forget();
  }
}
