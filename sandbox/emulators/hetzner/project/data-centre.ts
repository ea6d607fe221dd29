import type { HetznerState, Server } from './state.ts';

/** Where servers and volumes are real: what the API orders there. */
export interface DataCentre {
  createServer(
    server: Server,
    details: { ipv4?: string; ipv6?: string; userData?: string; sshKeys: string[] },
  ): Promise<void>;
  /** Does the machine of a server exist, running or not? */
  has(id: number): Promise<boolean>;
  deleteServer(id: number): Promise<void>;
  powerOn(id: number): Promise<void>;
  powerOff(id: number): Promise<void>;
  shutdown(id: number): Promise<void>;
  reset(id: number): Promise<void>;
  createVolume(id: number, sizeGb: number): Promise<void>;
  deleteVolume(id: number): Promise<void>;
  attachVolume(server: number, volume: number): Promise<void>;
  detachVolume(server: number, volume: number): Promise<void>;
  resizeVolume(id: number, sizeGb: number): Promise<void>;
  /** Firewalls, addresses or faults changed: enforce them. */
  enforce(state: HetznerState): Promise<void>;
  /** The n-th server address of the sandbox's internet. */
  address(slot: number, type: 'ipv4' | 'ipv6'): string;
  setPointer(ip: string, name: string | null): Promise<void>;
}
