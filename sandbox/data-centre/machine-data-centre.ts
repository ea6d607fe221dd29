import { run } from '../../system/run.ts';
import type { DataCentre } from '../emulators/hetzner/project/data-centre.ts';
import type { HetznerState } from '../emulators/hetzner/project/state.ts';
import * as machine from '../machine/machine.ts';
import { serverAddresses } from '../machine/network.ts';
import * as volumes from '../machine/volumes.ts';
import { renderDataCentreFirewall } from './firewall.ts';

/** What real machines are made of, on this machine. */
export interface MachineKit {
  machineImage: string;
  /** The /var/lib/docker that new servers start from. */
  imagesFrom: string;
  /** Whether new servers start with an empty one instead, as those of a real data centre do. */
  areEmpty: boolean;
  /** Sets the name that an address points back to (PTR). */
  setPointer(ip: string, name: string | null): Promise<void>;
}

export const machineId = (server: number): string => `server-${server}`;

/** The sandbox data centre: its servers are containers with systemd, its volumes are loop devices. */
export function machineDataCentre(kit: MachineKit): DataCentre {
  return {
    async createServer(server, { ipv4, ipv6, userData, sshKeys }) {
      const id = machineId(server.id);
      await machine.removeMachine(id);
      await machine.createMachine({
        id,
        hostname: server.name,
        image: kit.machineImage,
        ipv4,
        ipv6,
        userData,
        ...(kit.areEmpty ? {} : { imagesFrom: kit.imagesFrom }),
      });
      await machine.startMachine(id);
      // Hetzner puts the chosen keys in by its vendor data; root is how a fresh server is reached.
      if (sshKeys.length > 0) {
        const put =
          'install -d -m 700 /root/.ssh && cat > /root/.ssh/authorized_keys && chmod 600 /root/.ssh/authorized_keys';
        await machine.onMachine(id, ['sh', '-c', put], { input: `${sshKeys.join('\n')}\n` });
      }
    },
    has: (server) => machine.hasMachine(machineId(server)),
    deleteServer: (server) => machine.removeMachine(machineId(server)),
    powerOn: (server) => machine.startMachine(machineId(server)),
    powerOff: (server) => machine.killMachine(machineId(server)),
    shutdown: (server) => machine.stopMachine(machineId(server)),
    async reset(server) {
      await machine.killMachine(machineId(server));
      await machine.startMachine(machineId(server));
    },
    async createVolume(volume, sizeGb) {
      volumes.removeVolume(String(volume));
      volumes.createVolume(String(volume), sizeGb);
    },
    async deleteVolume(volume) {
      volumes.removeVolume(String(volume));
    },
    async attachVolume(server, volume) {
      await volumes.attachVolume(machineId(server), String(volume));
    },
    async detachVolume(server, volume) {
      await volumes.detachVolume(machineId(server), String(volume));
    },
    resizeVolume: (volume, sizeGb) => volumes.resizeVolume(String(volume), sizeGb),
    enforce,
    address(slot, type) {
      const { ipv4, ipv6Network } = serverAddresses(slot);
      return type === 'ipv4' ? ipv4 : ipv6Network;
    },
    setPointer: kit.setPointer,
  };
}

/** Puts the firewalls into force, on this machine's bridge: outside the servers, where they can't undo it. */
async function enforce(state: HetznerState): Promise<void> {
  const servers = state.servers.map((server) => {
    const ips = state.primary_ips.filter((each) => each.assignee_id === server.id);
    const firewalls = state.firewalls.filter((each) => server.firewalls.includes(each.id));
    return {
      ipv4: ips.find((each) => each.type === 'ipv4')?.ip,
      ipv6: ips.find((each) => each.type === 'ipv6')?.ip,
      rules:
        firewalls.length > 0
          ? firewalls.flatMap((each) => each.rules.filter((rule) => rule.direction === 'in'))
          : undefined,
    };
  });
  await run('nft', ['-f', '-'], { input: renderDataCentreFirewall(servers, state.faults.outgoingMail) });
}

/** Takes the data centre's firewall away. */
export async function removeFirewall(): Promise<void> {
  await run('nft', ['-f', '-'], { input: 'add table bridge haven_try\ndelete table bridge haven_try\n' });
}
