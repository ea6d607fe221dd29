import * as command from '@pulumi/command';
import * as hcloud from '@pulumi/hcloud';
import * as pulumi from '@pulumi/pulumi';
import { newVolumeNote } from '../core/new-volume-note.ts';
import type { Plan } from '../core/plan/plan.ts';
import { renderCloudInit } from './cloud-init.ts';
import { Agent } from './haven-resources.ts';

export interface HavenServerArgs {
  plan: Plan;
  /** OpenSSH key for the connection to the agent; the public half goes to the server. */
  sshKey: { private: string; public: string };
  /** The server's own host key, made before the server exists. */
  hostKey: { private: string; public: string };
  /** Names the agent, whose text is in the run's folder. */
  agentSha256: string;
}

/**
 * A server with its addresses, firewall, volume and agent. Addresses and volume are separate, protected resources: a
 * replaced server keeps them.
 */
export class HavenServer extends pulumi.ComponentResource {
  declare readonly ipv4: pulumi.Output<string>;
  declare readonly ipv6: pulumi.Output<string>;
  /** Done once the agent has set the server up; everything on the server waits for it. */
  declare readonly ready: pulumi.Resource;
  declare readonly machine: pulumi.CustomResource;
  declare readonly volume: { device: pulumi.Output<string>; sizeGb: pulumi.Output<number> };

  constructor(name: string, args: HavenServerArgs, options: pulumi.ComponentResourceOptions = {}) {
    super('haven:component:Server', name, {}, options);
    const { plan } = args;
    const { location, key } = plan.server;
    const resourceName = (what: string) => `haven-${plan.haven.id}-${what}`;
    const labels = (what: string) => ({ haven: plan.haven.id, 'haven-part': what });
    const child = { parent: this } satisfies pulumi.CustomResourceOptions;
    const kept = { ...child, protect: true };

    const address = (type: 'ipv4' | 'ipv6') =>
      new hcloud.PrimaryIp(
        `${name}-${type}`,
        {
          name: resourceName(`${key}-${type}`),
          type,
          location,
          autoDelete: false,
          deleteProtection: true,
          labels: labels(`${key}-${type}`),
        },
        kept,
      );
    const ipv4 = address('ipv4');
    const ipv6 = address('ipv6');
    this.ipv4 = ipv4.ipAddress;
    this.ipv6 = ipv6.ipAddress.apply((network) => network.replace(/::$/, '::1'));

    const pointer = (type: 'ipv4' | 'ipv6', owner: hcloud.PrimaryIp, ipAddress: pulumi.Output<string>) =>
      new hcloud.Rdns(
        `${name}-pointer-${type}`,
        {
          primaryIpId: owner.id.apply(Number),
          ipAddress,
          dnsPtr: plan.server.reverseName ?? plan.server.hostName,
        },
        { ...child, deleteBeforeReplace: true },
      );
    pointer('ipv4', ipv4, this.ipv4);
    pointer('ipv6', ipv6, this.ipv6);

    const sshKey = new hcloud.SshKey(
      `${name}-key`,
      { name: resourceName('key'), publicKey: args.sshKey.public, labels: labels('key') },
      { ...child, deleteBeforeReplace: true },
    );
    const firewall = new hcloud.Firewall(
      `${name}-firewall`,
      {
        name: resourceName('firewall'),
        labels: labels('firewall'),
        rules: plan.firewall.map(({ protocol, port, reason }) => ({
          direction: 'in',
          protocol,
          ...(port === undefined ? {} : { port }),
          sourceIps: ['0.0.0.0/0', '::/0'],
          description: reason.slice(0, 255),
        })),
      },
      child,
    );
    const volume = new hcloud.Volume(
      `${name}-volume`,
      {
        name: resourceName('data'),
        size: plan.volume.sizeGb,
        location,
        deleteProtection: true,
        labels: labels('data'),
      },
      kept,
    );

    this.volume = { device: volume.linuxDevice, sizeGb: volume.size };

    const machine = new hcloud.Server(
      `${name}-machine`,
      {
        name: resourceName(key),
        serverType: plan.server.type,
        image: plan.server.image,
        location,
        sshKeys: [sshKey.id],
        firewallIds: [firewall.id.apply(Number)],
        publicNets: [
          { ipv4Enabled: true, ipv4: ipv4.id.apply(Number), ipv6Enabled: true, ipv6: ipv6.id.apply(Number) },
        ],
        labels: labels(key),
        shutdownBeforeDeletion: true,
        userData: pulumi.secret(
          renderCloudInit({
            authorizedKey: args.sshKey.public,
            hostKeyPrivate: args.hostKey.private,
            hostKeyPublic: args.hostKey.public,
          }),
        ),
      },
      // These only matter at the first boot, so a change of them must not replace the server.
      { ...child, ignoreChanges: ['userData', 'sshKeys', 'image'] },
    );
    this.machine = machine;
    const attachment = new hcloud.VolumeAttachment(
      `${name}-volume-attachment`,
      { volumeId: volume.id.apply(Number), serverId: machine.id.apply(Number) },
      { ...child, deleteBeforeReplace: true, deletedWith: machine },
    );

    const connection = {
      host: this.ipv4,
      user: 'haven',
      privateKey: args.sshKey.private,
      hostKey: args.hostKey.public,
      dialErrorLimit: 60,
    };
    // Once for each volume, so that a new server of an old volume never creates a file system on it.
    const newVolume = new command.remote.Command(
      `${name}-new-volume`,
      {
        connection,
        create: pulumi.interpolate`echo ${volume.linuxDevice} > ${newVolumeNote}`,
        update: 'true',
        triggers: [volume.id],
        addPreviousOutputInEnv: false,
        logging: 'none',
      },
      { ...child, dependsOn: [machine], deletedWith: volume, deleteBeforeReplace: true },
    );
    this.ready = new Agent(
      `${name}-agent`,
      {
        host: this.ipv4,
        hostKey: args.hostKey.public,
        server: machine.id,
        sha256: args.agentSha256,
        volume: volume.linuxDevice,
        volumeGb: volume.size,
      },
      { ...child, dependsOn: [attachment, newVolume], deletedWith: machine },
    );
    this.registerOutputs({ ipv4: this.ipv4, ipv6: this.ipv6 });
  }
}
