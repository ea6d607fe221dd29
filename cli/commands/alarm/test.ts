import { z } from 'zod';
import type { Delivery } from '../../../agent/alarms/deliver.ts';
import { HavenCommand } from '../../base-command.ts';
import { exitCodes } from '../../output/exit-codes.ts';
import { mark } from '../../output/mark.ts';
import { openWithAlarms } from '../../project/alarm-link.ts';
import { agentOf } from '../../project/server-link.ts';

export const output = z.array(
  z.strictObject({
    way: z.enum(['ntfy', 'webhook', 'email']),
    delivered: z.boolean(),
    /** What an HTTP receiver answered. */
    status: z.int().optional(),
    /** Why it was not delivered, and what to do. */
    why: z.string().optional(),
    fix: z.string().optional(),
  }),
);

export default class AlarmTest extends HavenCommand {
  static override summary = 'Send a test alarm by each way that haven.yaml names.';
  static override description =
    'The server sends it, as it sends real alarms. Exit code: 0 if every receiver accepted it, 1 if one refused.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  async run(): Promise<z.infer<typeof output>> {
    await this.parse(AlarmTest);
    const agent = await agentOf(await openWithAlarms('test'));
    const deliveries = await agent.call<Delivery[]>(['alarm-test']);
    if (deliveries.length === 0) this.log('  The server does not have your alarms yet. Run: haven up');
    for (const { way, status, refusal } of deliveries) {
      const answer = status === undefined ? '' : ` (${status})`;
      this.log(
        `  ${mark(!refusal)} ${way.padEnd(8)} ${refusal ? `not delivered: ${refusal.why}. ${refusal.fix}` : `delivered${answer}`}`,
      );
    }
    if (deliveries.length === 0 || deliveries.some(({ refusal }) => refusal))
      process.exitCode = exitCodes.failed;
    return deliveries.map(({ way, status, refusal }) => ({
      way,
      delivered: refusal === undefined,
      ...(status === undefined ? {} : { status }),
      ...refusal,
    }));
  }
}
