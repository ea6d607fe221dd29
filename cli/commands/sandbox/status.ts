import { z } from 'zod';
import { sandboxState } from '../../../sandbox/control.ts';
import { daemonPid } from '../../../sandbox/daemon-process.ts';
import { defaultCloud } from '../../../sandbox/default-cloud.ts';
import { HavenCommand } from '../../base-command.ts';

export const output = z.discriminatedUnion('running', [
  z.strictObject({ running: z.literal(false) }),
  z.strictObject({
    running: z.literal(true),
    servers: z.array(
      z.strictObject({ name: z.string(), status: z.string(), address: z.string().optional() }),
    ),
    zones: z.array(z.strictObject({ name: z.string(), records: z.int() })),
  }),
]);

export default class SandboxStatus extends HavenCommand {
  static override summary = 'Show the servers, volumes and zones of the sandbox.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<z.infer<typeof output>> {
    await this.parse(SandboxStatus);
    if (!daemonPid()) {
      this.log('  The sandbox is not running. To start it, run: npm start');
      return { running: false };
    }
    const { hetzner, cloudflare } = await sandboxState();
    const servers = hetzner.servers.map((each) => ({
      name: each.name,
      status: each.status,
      address: hetzner.primary_ips.find((ip) => ip.id === each.ipv4)?.ip,
    }));
    const zones = cloudflare.zones.map((each) => ({ name: each.name, records: each.records.length }));
    for (const each of servers)
      this.log(
        `  server  ${each.name.padEnd(28)} ${each.status.padEnd(8)} ${each.address ?? ''}   (a container here)`,
      );
    for (const each of hetzner.volumes)
      this.log(`  volume  ${each.name.padEnd(28)} ${each.size} GB    (a file here)`);
    for (const each of zones) this.log(`  zone    ${each.name.padEnd(28)} ${each.records} records`);
    this.log(`  Its cloud: ${defaultCloud.directory}`);
    return { running: true, servers, zones };
  }
}
