import { z } from 'zod';
import { beginAction } from '../project/begin-action.ts';
import { assertAvailable, assertServerLimit } from '../project/faults.ts';
import { assertNameIsFree, type Project } from '../project/project.ts';
import type { Action, PrimaryIp, Server, SshKey } from '../project/state.ts';
import { id, labels, parseBody } from '../protocol/body.ts';
import { ApiError, invalid } from '../protocol/errors.ts';
import { findImage, findLocation, findServerType } from './catalogue.ts';
import { newPrimaryIp } from './primary-ips.ts';

const creation = z.strictObject({
  name: z.string().regex(/^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/, 'must be a valid host name'),
  server_type: z.string(),
  image: z.union([z.string(), id]),
  location: z.string().optional(),
  ssh_keys: z.array(z.union([id, z.string()])).optional(),
  user_data: z
    .string()
    .max(32 * 1024)
    .optional(),
  labels,
  firewalls: z.array(z.strictObject({ firewall: id })).nullish(),
  public_net: z
    .strictObject({
      enable_ipv4: z.boolean(),
      enable_ipv6: z.boolean(),
      ipv4: id.nullish(),
      ipv6: id.nullish(),
    })
    .optional(),
  start_after_create: z.boolean().optional(),
  automount: z.boolean().optional(),
  volumes: z.array(id).nullish(),
  networks: z.array(id).max(0, 'private networks are not part of the sandbox').nullish(),
  placement_group: id.optional(),
});

/** `POST /servers`. Nothing is changed before everything that was asked for has been found to be possible. */
export function createServer(
  project: Project,
  body: unknown,
): { server: Server; action: Action; root_password: string | null } {
  const wish = parseBody(creation, body);
  const { state } = project;
  assertNameIsFree(state.servers, 'server', wish.name);
  const type = findServerType(wish.server_type);
  const location = findLocation(wish.location ?? 'fsn1');
  assertAvailable(state.faults, type, location);
  assertServerLimit(state.faults, state.servers.length);
  const image = findImage(wish.image, type.architecture);
  const sshKeys = (wish.ssh_keys ?? []).map((key) => findSshKey(project, key));
  const firewalls = (wish.firewalls ?? []).map(({ firewall }) => project.firewall(firewall));
  const addresses = takeAddresses(project, location, wish.public_net);

  const server: Server = {
    ...project.newThing(wish),
    status: 'initializing',
    server_type: type.name,
    image: image.id,
    location,
    ssh_keys: sshKeys.map((each) => each.id),
    ipv4: addresses.ipv4?.id ?? null,
    ipv6: addresses.ipv6?.id ?? null,
    firewalls: firewalls.map((each) => each.id),
    protection: { delete: false, rebuild: false },
    rescue_enabled: false,
  };
  state.servers.push(server);
  for (const ip of Object.values(addresses)) if (ip) ip.assignee_id = server.id;
  for (const firewall of firewalls) firewall.servers.push(server.id);
  const action = beginAction(project, 'create_server', [{ id: server.id, type: 'server' }], async () => {
    await project.dataCentre.createServer(server, {
      ipv4: addresses.ipv4?.ip,
      ipv6: addresses.ipv6?.ip.replace('::/64', '::1'),
      userData: wish.user_data,
      sshKeys: sshKeys.map((each) => each.public_key),
    });
    await project.enforce();
    server.status = 'running';
  });
  return { server, action, root_password: sshKeys.length > 0 ? null : 'sandbox' };
}

function findSshKey(project: Project, key: number | string): SshKey {
  const found = project.state.ssh_keys.find((each) => each.id === key || each.name === key);
  if (!found) throw invalid('ssh_keys', `there is no SSH key "${key}"`);
  return found;
}

/** The addresses that a server gets: those that were named, else new ones that are deleted with it. */
function takeAddresses(
  project: Project,
  location: string,
  net: NonNullable<z.infer<typeof creation>['public_net']> = { enable_ipv4: true, enable_ipv6: true },
): Partial<Record<PrimaryIp['type'], PrimaryIp>> {
  const types = (['ipv4', 'ipv6'] as const).filter((type) => net[`enable_${type}`]);
  const named = types.map((type) => {
    const given = net[type];
    return { type, ip: given == null ? undefined : findFreeIp(project, given, type, location) };
  });
  const taken = named.map(({ type, ip }) => {
    const name = `primary_ip-${project.state.nextId}`;
    return [type, ip ?? newPrimaryIp(project, { name, type, location, auto_delete: true })] as const;
  });
  return Object.fromEntries(taken);
}

function findFreeIp(project: Project, wanted: number, type: PrimaryIp['type'], location: string): PrimaryIp {
  const ip = project.primaryIp(wanted);
  if (ip.type !== type)
    throw new ApiError(422, 'primary_ip_version_mismatch', `primary IP ${wanted} is not an ${type} address`);
  if (ip.assignee_id !== null)
    throw new ApiError(422, 'primary_ip_assigned', `primary IP ${wanted} is already assigned`);
  if (ip.location !== location)
    throw new ApiError(422, 'primary_ip_datacenter_mismatch', `primary IP ${wanted} is in ${ip.location}`);
  return ip;
}
