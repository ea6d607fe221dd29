import { z } from 'zod';
import { beginAction } from '../project/begin-action.ts';
import { assertNameIsFree, type Project } from '../project/project.ts';
import type { PrimaryIp, Server } from '../project/state.ts';
import { created, noContent } from '../protocol/answers.ts';
import { id, labels, parseBody } from '../protocol/body.ts';
import { ApiError, invalid } from '../protocol/errors.ts';
import { findLocation, shownLocation } from './catalogue.ts';
import { changeProtection } from './protection.ts';
import { type Resource, updateNameAndLabels } from './resource.ts';
import { changePointer, defaultPointer } from './reverse-dns.ts';

const creation = z.strictObject({
  name: z.string().min(1),
  type: z.enum(['ipv4', 'ipv6']),
  auto_delete: z.boolean().optional(),
  labels,
  location: z.string().optional(),
  assignee_id: id.nullish(),
  assignee_type: z.literal('server').optional(),
});
const change = z.looseObject({ auto_delete: z.boolean().optional() });
const assignment = z.strictObject({ assignee_id: id, assignee_type: z.literal('server') });

/** `/primary_ips`: IPv4 addresses and IPv6 networks, which outlive the servers that have them. */
export const primaryIps: Resource<PrimaryIp> = {
  singular: 'primary_ip',
  all: (state) => state.primary_ips,
  create(project, given) {
    const wish = parseBody(creation, given);
    assertNameIsFree(project.state.primary_ips, 'primary_ip', wish.name);
    if ((wish.location === undefined) === (wish.assignee_id == null))
      throw invalid('location', 'give either a location or an assignee');
    const server = wish.assignee_id == null ? undefined : project.server(wish.assignee_id);
    if (server) assertOff(server);
    const ip = newPrimaryIp(project, { ...wish, location: server?.location ?? findLocation(wish.location) });
    return created({ primary_ip: primaryIps.show(project, ip), action: null });
  },
  update({ state }, ip, given) {
    const { auto_delete, ...rest } = parseBody(change, given);
    updateNameAndLabels(state.primary_ips, 'primary_ip', ip, rest);
    if (auto_delete !== undefined) ip.auto_delete = auto_delete;
  },
  delete({ state }, ip) {
    if (ip.assignee_id !== null) throw new ApiError(422, 'resource_in_use', 'the primary IP is assigned');
    state.primary_ips = state.primary_ips.filter((each) => each !== ip);
    return noContent();
  },
  show(_project, { slot: _slot, ...ip }) {
    return { ...ip, location: shownLocation(ip.location), assignee_type: 'server', blocked: false };
  },
  actions: {
    change_protection: (project, ip, body) => changeProtection(project, 'primary_ip', ip, body),
    change_dns_ptr: (project, ip, body) =>
      changePointer(project, { id: ip.id, type: 'primary_ip' }, [ip], body),
    assign(project, ip, body) {
      const server = project.server(parseBody(assignment, body).assignee_id);
      assertOff(server);
      ip.assignee_id = server.id;
      server[ip.type] = ip.id;
      return created({ action: beginAction(project, 'assign', [{ id: ip.id, type: 'primary_ip' }]) });
    },
    unassign(project, ip) {
      const server = project.state.servers.find((each) => each.id === ip.assignee_id);
      if (server) {
        assertOff(server);
        server[ip.type] = null;
      }
      ip.assignee_id = null;
      return created({ action: beginAction(project, 'unassign', [{ id: ip.id, type: 'primary_ip' }]) });
    },
  },
};

function assertOff(server: Server): void {
  if (server.status !== 'off') throw new ApiError(422, 'server_not_stopped', 'the server must be off');
}

/** How many addresses of each type a project can have. */
const limit = 200;

/** Gives a project the first address that it does not have yet. */
export function newPrimaryIp(
  project: Project,
  given: {
    name: string;
    type: 'ipv4' | 'ipv6';
    location: string;
    auto_delete?: boolean | undefined;
    labels?: Record<string, string> | undefined;
  },
): PrimaryIp {
  const same = project.state.primary_ips.filter((each) => each.type === given.type);
  const taken = new Set(same.map((each) => each.slot));
  const slot = Array.from({ length: limit }, (_, index) => index).find((index) => !taken.has(index));
  if (slot === undefined) throw new ApiError(403, 'resource_limit_exceeded', 'primary IP limit exceeded');
  const ip = project.dataCentre.address(slot, given.type);
  const primaryIp: PrimaryIp = {
    ...project.newThing(given),
    type: given.type,
    ip,
    slot,
    location: given.location,
    assignee_id: null,
    auto_delete: given.auto_delete ?? false,
    dns_ptr: given.type === 'ipv4' ? [{ ip, dns_ptr: defaultPointer(ip) }] : [],
    protection: { delete: false },
  };
  project.state.primary_ips.push(primaryIp);
  return primaryIp;
}
