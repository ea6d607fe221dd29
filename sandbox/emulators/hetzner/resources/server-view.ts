import type { HetznerState, Server } from '../project/state.ts';
import { images, serverTypes, shownLocation } from './catalogue.ts';
import { defaultPointer } from './reverse-dns.ts';

/** A server as the API shows it, with its type, its image and its addresses in full. */
export function showServer(state: HetznerState, server: Server): unknown {
  const type = serverTypes.find((each) => each.name === server.server_type);
  return {
    id: server.id,
    name: server.name,
    status: server.status,
    created: server.created,
    labels: server.labels,
    location: shownLocation(server.location),
    server_type: type,
    image: images.find((each) => each.id === server.image),
    iso: null,
    rescue_enabled: server.rescue_enabled,
    locked: false,
    backup_window: null,
    outgoing_traffic: 0,
    ingoing_traffic: 0,
    included_traffic: 21990232555520,
    primary_disk_size: type?.disk ?? 40,
    protection: server.protection,
    public_net: showPublicNet(state, server),
    private_net: [],
    volumes: state.volumes.filter((each) => each.server === server.id).map((each) => each.id),
    load_balancers: [],
    placement_group: null,
  };
}

function showPublicNet(state: HetznerState, server: Server): unknown {
  const ipv4 = state.primary_ips.find((each) => each.id === server.ipv4);
  const ipv6 = state.primary_ips.find((each) => each.id === server.ipv6);
  return {
    ipv4: ipv4
      ? {
          id: ipv4.id,
          ip: ipv4.ip,
          blocked: false,
          dns_ptr: ipv4.dns_ptr[0]?.dns_ptr ?? defaultPointer(ipv4.ip),
        }
      : null,
    ipv6: ipv6 ? { id: ipv6.id, ip: ipv6.ip, blocked: false, dns_ptr: ipv6.dns_ptr } : null,
    floating_ips: [],
    firewalls: server.firewalls.map((each) => ({ id: each, status: 'applied' })),
  };
}
