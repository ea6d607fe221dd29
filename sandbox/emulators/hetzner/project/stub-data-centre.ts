import type { DataCentre } from './data-centre.ts';

/**
 * A data centre that creates no machines, for tests of requests to the API. Every order succeeds at once and is
 * recorded in `orders`, such as `createServer 1004`. Servers that the API remembers count as existing.
 */
export class StubDataCentre implements DataCentre {
  readonly orders: string[] = [];

  async createServer(server: { id: number }): Promise<void> {
    this.orders.push(`createServer ${server.id}`);
  }
  async has(): Promise<boolean> {
    return true;
  }
  async deleteServer(id: number): Promise<void> {
    this.orders.push(`deleteServer ${id}`);
  }
  async powerOn(id: number): Promise<void> {
    this.orders.push(`powerOn ${id}`);
  }
  async powerOff(id: number): Promise<void> {
    this.orders.push(`powerOff ${id}`);
  }
  async shutdown(id: number): Promise<void> {
    this.orders.push(`shutdown ${id}`);
  }
  async reset(id: number): Promise<void> {
    this.orders.push(`reset ${id}`);
  }
  async createVolume(id: number, sizeGb: number): Promise<void> {
    this.orders.push(`createVolume ${id} ${sizeGb}`);
  }
  async deleteVolume(id: number): Promise<void> {
    this.orders.push(`deleteVolume ${id}`);
  }
  async attachVolume(server: number, volume: number): Promise<void> {
    this.orders.push(`attachVolume ${server} ${volume}`);
  }
  async detachVolume(server: number, volume: number): Promise<void> {
    this.orders.push(`detachVolume ${server} ${volume}`);
  }
  async resizeVolume(id: number, sizeGb: number): Promise<void> {
    this.orders.push(`resizeVolume ${id} ${sizeGb}`);
  }
  async setPointer(ip: string, name: string | null): Promise<void> {
    this.orders.push(`setPointer ${ip} ${name}`);
  }
  async enforce(): Promise<void> {}

  /** Addresses that are reserved for documentation (RFC 5737, RFC 3849): nothing answers there. */
  address(slot: number, type: 'ipv4' | 'ipv6'): string {
    return type === 'ipv4' ? `192.0.2.${10 + slot}` : `2001:db8:5:${(0x10 + slot).toString(16)}::/64`;
  }
}
