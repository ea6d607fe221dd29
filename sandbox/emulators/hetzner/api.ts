import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ApiAnswer, ApiRequest } from '../http-api.ts';
import type { Store } from '../store.ts';
import { images, locations, pricing, serverTypes } from './catalogue.ts';
import type { DataCentre } from './data-centre.ts';
import { matchesLabels } from './label-selector.ts';
import type { Action, Faults, Firewall, HetznerState, PrimaryIp, Server, SshKey, Volume } from './types.ts';

/** An answer of the API that says no; `code` is what clients look at. */
class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Record<string, unknown>;
  constructor(status: number, code: string, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

const notFound = (what: string, id: string | number) =>
  new ApiError(404, 'not_found', `${what} with ID '${id}' not found`);
const invalid = (field: string, message: string) =>
  new ApiError(422, 'invalid_input', `invalid input in field '${field}'`, {
    fields: [{ name: field, messages: [message] }],
  });

type Kind = 'ssh_keys' | 'servers' | 'volumes' | 'primary_ips' | 'firewalls';
const singular: Record<Kind, string> = {
  ssh_keys: 'ssh_key',
  servers: 'server',
  volumes: 'volume',
  primary_ips: 'primary_ip',
  firewalls: 'firewall',
};

const labels = z.record(z.string(), z.string()).optional();
const id = z.number().int();
const rule = z.strictObject({
  direction: z.enum(['in', 'out']),
  protocol: z.enum(['tcp', 'udp', 'icmp', 'esp', 'gre']),
  port: z.string().nullish(),
  source_ips: z.array(z.string()).nullish(),
  destination_ips: z.array(z.string()).nullish(),
  description: z.string().nullish(),
});
const resource = z.strictObject({
  type: z.enum(['server', 'label_selector']),
  server: z.strictObject({ id }).optional(),
  label_selector: z.strictObject({ selector: z.string() }).optional(),
});

/** Bodies by path; a field that isn't here is refused by name, so that a client can't rely on what we don't do. */
const bodies = {
  'POST /ssh_keys': z.strictObject({ name: z.string().min(1), public_key: z.string().min(1), labels }),
  'POST /servers': z.strictObject({
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
  }),
  'POST /volumes': z.strictObject({
    name: z.string().min(1),
    size: z.number().int().min(10).max(10240),
    location: z.string().optional(),
    server: id.optional(),
    automount: z.boolean().optional(),
    format: z.enum(['xfs', 'ext4']).optional(),
    labels,
  }),
  'POST /primary_ips': z.strictObject({
    name: z.string().min(1),
    type: z.enum(['ipv4', 'ipv6']),
    auto_delete: z.boolean().optional(),
    labels,
    location: z.string().optional(),
    assignee_id: id.nullish(),
    assignee_type: z.literal('server').optional(),
  }),
  'POST /firewalls': z.strictObject({
    name: z.string().min(1),
    labels,
    rules: z.array(rule).optional(),
    apply_to: z.array(resource).nullish(),
  }),
  PUT: z.strictObject({ name: z.string().min(1).optional(), labels, auto_delete: z.boolean().optional() }),
} as const;

const protection = z.strictObject({ delete: z.boolean().optional(), rebuild: z.boolean().optional() });

export class HetznerApi {
  readonly #store: Store<HetznerState>;
  readonly #dataCentre: DataCentre;
  readonly #token: string;
  /** How long an action takes at least, so that clients really have to poll. */
  readonly #delayMs: number;

  constructor(store: Store<HetznerState>, dataCentre: DataCentre, token: string, delayMs = 120) {
    this.#store = store;
    this.#dataCentre = dataCentre;
    this.#token = token;
    this.#delayMs = delayMs;
  }

  get state(): HetznerState {
    return this.#store.value;
  }

  /** Brings what the store remembers in line with the machines that exist, before the first request. */
  async recover(): Promise<void> {
    // An action that was running when the last process ended has ended with it.
    for (const action of this.state.actions) if (action.status === 'running') action.status = 'error';
    await this.#dataCentre.enforce(this.state);
    for (const server of [...this.state.servers]) {
      if (!(await this.#dataCentre.has(server.id))) {
        console.log(`server ${server.id} is lost: its container does not exist. It counts as deleted.`);
        await this.dropServer(server.id);
      } else if (server.status === 'running') await this.#dataCentre.powerOn(server.id);
    }
  }

  /** Changes what goes wrong from now on. Faults that are not named stay as they are. */
  async setFaults(faults: Partial<Faults>): Promise<void> {
    Object.assign(this.state.faults, faults);
    this.#store.save();
    await this.#dataCentre.enforce(this.state);
  }

  async answer(request: ApiRequest): Promise<ApiAnswer> {
    try {
      return await this.#route(request);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return {
        status: error.status,
        body: { error: { code: error.code, message: error.message, details: error.details } },
      };
    } finally {
      this.#store.save();
    }
  }

  async #route(request: ApiRequest): Promise<ApiAnswer> {
    const { method, query } = request;
    const path = request.path.replace(/^\/v1/, '');
    if (request.token !== this.#token) throw new ApiError(401, 'unauthorized', 'unable to authenticate');
    const { faults } = this.state;
    if (faults.rateLimitNext > 0) {
      faults.rateLimitNext--;
      throw new ApiError(429, 'rate_limit_exceeded', 'limit of 3600 requests per hour reached');
    }
    if (method === 'POST' && faults.unverified)
      throw new ApiError(403, 'forbidden', 'your account is not yet verified');

    if (method === 'GET' && path === '/pricing') return ok({ pricing });
    if (method === 'GET' && path === '/actions') return this.#actions(query);
    for (const [name, list] of [
      ['locations', locations],
      ['server_types', serverTypes],
      ['images', images],
    ] as const) {
      if (method !== 'GET' || !path.startsWith(`/${name}`)) continue;
      if (path === `/${name}`)
        return page(name, filtered(list as unknown as { name: string }[], query), query);
      const found = (list as unknown as { id: number }[]).find(
        (each) => String(each.id) === path.slice(name.length + 2),
      );
      if (!found) throw notFound(name, path);
      return ok({ [name.slice(0, -1)]: found });
    }

    const [, kindName = '', idText, actions, command] = path.split('/');
    if (kindName === 'actions' && method === 'GET' && idText)
      return ok({ action: this.#action(Number(idText)) });
    if (!(kindName in singular)) throw new ApiError(404, 'not_found', `the sandbox has no ${method} ${path}`);
    const kind = kindName as Kind;
    if (!idText) {
      if (method === 'GET')
        return page(
          kind,
          filtered(this.state[kind] as { id: number; name: string }[], query).map((each) =>
            this.#render(kind, each.id),
          ),
          query,
        );
      if (method === 'POST')
        return this.#create(
          kind,
          parseBody(bodies[`POST /${kind}`] as z.ZodType<Record<string, unknown>>, request.body),
        );
    } else if (!actions) {
      const found = this.#find(kind, Number(idText));
      if (method === 'GET') return ok({ [singular[kind]]: this.#render(kind, found.id) });
      if (method === 'PUT') return this.#put(kind, found.id, parseBody(bodies.PUT, request.body));
      if (method === 'DELETE') return this.#delete(kind, found.id);
    } else if (actions === 'actions' && method === 'POST' && command) {
      return this.#command(kind, this.#find(kind, Number(idText)).id, command, request.body ?? {});
    }
    throw new ApiError(404, 'not_found', `the sandbox has no ${method} ${path}`);
  }

  #actions(query: URLSearchParams): ApiAnswer {
    const wanted = query.getAll('id').map(Number);
    const list = this.state.actions.filter((each) => wanted.length === 0 || wanted.includes(each.id));
    return page('actions', list, query);
  }

  #action(actionId: number): Action {
    const found = this.state.actions.find((each) => each.id === actionId);
    if (!found) throw notFound('action', actionId);
    return found;
  }

  /** Starts something that takes time; it runs on after the answer, and clients poll for its end. */
  #begin(command: string, resources: Action['resources'], work: () => Promise<void>): Action {
    const action: Action = {
      id: this.#newId(),
      command,
      status: 'running',
      progress: 0,
      started: now(),
      finished: null,
      error: null,
      resources,
    };
    this.state.actions.push(action);
    const shown = { ...action };
    void (async () => {
      try {
        await Promise.all([work(), new Promise((resolve) => setTimeout(resolve, this.#delayMs))]);
        action.status = 'success';
      } catch (error) {
        console.error(`action ${command}:`, error);
        action.status = 'error';
        action.error = {
          code: 'action_failed',
          message: error instanceof Error ? error.message : String(error),
        };
      }
      action.progress = 100;
      action.finished = now();
      this.#store.save();
    })();
    return shown;
  }

  #newId(): number {
    this.state.nextId += 1;
    return this.state.nextId;
  }

  #find(kind: 'servers', wanted: number): Server;
  #find(kind: 'volumes', wanted: number): Volume;
  #find(kind: 'primary_ips', wanted: number): PrimaryIp;
  #find(kind: 'firewalls', wanted: number): Firewall;
  #find(kind: 'ssh_keys', wanted: number): SshKey;
  #find(kind: Kind, wanted: number): { id: number };
  #find(kind: Kind, wanted: number): unknown {
    const list = this.state[kind] as { id: number }[];
    const found = list.find((each) => each.id === wanted);
    if (!found) throw notFound(singular[kind], wanted);
    return found;
  }

  #unique(kind: Kind, name: string, except?: number): void {
    const list = this.state[kind] as { id: number; name: string }[];
    if (list.some((each) => each.name === name && each.id !== except)) {
      throw new ApiError(409, 'uniqueness_error', `${singular[kind]} name is already used`, {
        fields: [{ name: 'name' }],
      });
    }
  }

  #location(name: string | undefined): string {
    if (!locations.some((each) => each.name === name))
      throw invalid('location', `there is no location "${name}"`);
    return name!;
  }

  #create(kind: Kind, body: Record<string, unknown>): ApiAnswer {
    this.#unique(kind, body.name as string);
    switch (kind) {
      case 'ssh_keys':
        return this.#createSshKey(body as z.infer<(typeof bodies)['POST /ssh_keys']>);
      case 'servers':
        return this.#createServer(body as z.infer<(typeof bodies)['POST /servers']>);
      case 'volumes':
        return this.#createVolume(body as z.infer<(typeof bodies)['POST /volumes']>);
      case 'primary_ips':
        return this.#createPrimaryIp(body as z.infer<(typeof bodies)['POST /primary_ips']>);
      case 'firewalls':
        return this.#createFirewall(body as z.infer<(typeof bodies)['POST /firewalls']>);
    }
  }

  #common(body: { name: string; labels?: Record<string, string> | undefined }) {
    return { id: this.#newId(), name: body.name, created: now(), labels: body.labels ?? {} };
  }

  #createSshKey(body: z.infer<(typeof bodies)['POST /ssh_keys']>): ApiAnswer {
    const [type, data] = body.public_key.trim().split(/\s+/);
    if (!type?.startsWith('ssh-') || !data) throw invalid('public_key', 'is no SSH public key');
    if (this.state.ssh_keys.some((each) => each.public_key === body.public_key)) {
      throw new ApiError(409, 'uniqueness_error', 'SSH key with the same fingerprint already exists');
    }
    const md5 = createHash('md5').update(Buffer.from(data, 'base64')).digest('hex');
    const key: SshKey = {
      ...this.#common(body),
      public_key: body.public_key,
      fingerprint: md5.replace(/(..)(?!$)/g, '$1:'),
    };
    this.state.ssh_keys.push(key);
    return created({ ssh_key: this.#render('ssh_keys', key.id) });
  }

  #createServer(body: z.infer<(typeof bodies)['POST /servers']>): ApiAnswer {
    const { faults } = this.state;
    const type = serverTypes.find((each) => each.name === body.server_type);
    if (!type) throw invalid('server_type', `there is no server type "${body.server_type}"`);
    const location = this.#location(body.location ?? 'fsn1');
    if (faults.soldOut.includes(type.name) || !type.locations.some((each) => each.name === location)) {
      throw new ApiError(
        412,
        'resource_unavailable',
        `error during placement: ${type.name} is not available in ${location}`,
      );
    }
    if (this.state.servers.length >= faults.serverLimit)
      throw new ApiError(403, 'resource_limit_exceeded', 'server limit exceeded');
    const image = images.find(
      (each) =>
        (typeof body.image === 'number' ? each.id === body.image : each.name === body.image) &&
        each.architecture === type.architecture,
    );
    if (!image) throw invalid('image', `there is no image "${body.image}" for ${type.architecture}`);
    const sshKeys = (body.ssh_keys ?? []).map((key) => {
      const found = this.state.ssh_keys.find((each) => each.id === key || each.name === key);
      if (!found) throw invalid('ssh_keys', `there is no SSH key "${key}"`);
      return found;
    });
    const firewalls = (body.firewalls ?? []).map(({ firewall }) => this.#find('firewalls', firewall));
    const net = body.public_net ?? { enable_ipv4: true, enable_ipv6: true };
    const take = (given: number | null | undefined, kind: 'ipv4' | 'ipv6'): PrimaryIp => {
      if (given == null)
        return this.#newPrimaryIp({
          name: `primary_ip-${this.state.nextId}`,
          type: kind,
          location,
          auto_delete: true,
        });
      const ip = this.#find('primary_ips', given);
      if (ip.type !== kind)
        throw new ApiError(422, 'primary_ip_version_mismatch', `primary IP ${given} is no ${kind}`);
      if (ip.assignee_id !== null)
        throw new ApiError(422, 'primary_ip_assigned', `primary IP ${given} is already assigned`);
      if (ip.location !== location)
        throw new ApiError(422, 'primary_ip_datacenter_mismatch', `primary IP ${given} is in ${ip.location}`);
      return ip;
    };
    const ipv4 = net.enable_ipv4 ? take(net.ipv4, 'ipv4') : null;
    const ipv6 = net.enable_ipv6 ? take(net.ipv6, 'ipv6') : null;

    const server: Server = {
      ...this.#common(body),
      status: 'initializing',
      server_type: type.name,
      image: image.id,
      location,
      ssh_keys: sshKeys.map((each) => each.id),
      ipv4: ipv4?.id ?? null,
      ipv6: ipv6?.id ?? null,
      firewalls: firewalls.map((each) => each.id),
      protection: { delete: false, rebuild: false },
      rescue_enabled: false,
    };
    this.state.servers.push(server);
    for (const ip of [ipv4, ipv6]) if (ip) ip.assignee_id = server.id;
    for (const firewall of firewalls) firewall.servers.push(server.id);
    const details = {
      ipv4: ipv4?.ip,
      ipv6: ipv6 ? firstAddress(ipv6.ip) : undefined,
      userData: body.user_data,
      sshKeys: sshKeys.map((each) => each.public_key),
    };
    const action = this.#begin('create_server', [{ id: server.id, type: 'server' }], async () => {
      await this.#dataCentre.createServer(server, details);
      await this.#dataCentre.enforce(this.state);
      server.status = 'running';
    });
    return created({
      server: this.#render('servers', server.id),
      action,
      next_actions: [],
      root_password: sshKeys.length > 0 ? null : 'sandbox',
    });
  }

  #createVolume(body: z.infer<(typeof bodies)['POST /volumes']>): ApiAnswer {
    const server = body.server === undefined ? undefined : this.#find('servers', body.server);
    if (!server && body.location === undefined) throw invalid('location', 'give a location or a server');
    const volume: Volume = {
      ...this.#common(body),
      size: body.size,
      location: server?.location ?? this.#location(body.location),
      server: null,
      status: 'available',
      format: body.format ?? null,
      protection: { delete: false },
    };
    this.state.volumes.push(volume);
    const action = this.#begin('create_volume', [{ id: volume.id, type: 'volume' }], () =>
      this.#dataCentre.createVolume(volume.id, volume.size),
    );
    const next = server ? [this.#attach(volume, server)] : [];
    return created({ volume: this.#render('volumes', volume.id), action, next_actions: next });
  }

  #newPrimaryIp(given: {
    name: string;
    type: 'ipv4' | 'ipv6';
    location: string;
    auto_delete?: boolean;
    labels?: Record<string, string>;
  }): PrimaryIp {
    const taken = new Set(
      this.state.primary_ips.filter((each) => each.type === given.type).map((each) => each.slot),
    );
    const slot = Array.from({ length: 200 }, (_, index) => index).find((index) => !taken.has(index));
    if (slot === undefined) throw new ApiError(403, 'resource_limit_exceeded', 'primary IP limit exceeded');
    const ip: PrimaryIp = {
      ...this.#common(given),
      type: given.type,
      ip: this.#dataCentre.address(slot, given.type),
      slot,
      location: given.location,
      assignee_id: null,
      auto_delete: given.auto_delete ?? false,
      dns_ptr: [],
      protection: { delete: false },
    };
    if (ip.type === 'ipv4') ip.dns_ptr = [{ ip: ip.ip, dns_ptr: defaultPointer(ip.ip) }];
    this.state.primary_ips.push(ip);
    return ip;
  }

  #createPrimaryIp(body: z.infer<(typeof bodies)['POST /primary_ips']>): ApiAnswer {
    if ((body.location === undefined) === (body.assignee_id == null))
      throw invalid('location', 'give either a location or an assignee');
    const server = body.assignee_id == null ? undefined : this.#find('servers', body.assignee_id);
    if (server && server.status !== 'off')
      throw new ApiError(422, 'server_not_stopped', 'the server must be off');
    const ip = this.#newPrimaryIp({ ...body, location: server?.location ?? this.#location(body.location) });
    return created({ primary_ip: this.#render('primary_ips', ip.id), action: null });
  }

  #createFirewall(body: z.infer<(typeof bodies)['POST /firewalls']>): ApiAnswer {
    const firewall: Firewall = {
      ...this.#common(body),
      rules: (body.rules ?? []) as Firewall['rules'],
      servers: [],
    };
    this.state.firewalls.push(firewall);
    for (const each of body.apply_to ?? [])
      if (each.server) this.#applyFirewall(firewall, each.server.id, true);
    const action = this.#begin('set_firewall_rules', [{ id: firewall.id, type: 'firewall' }], () =>
      this.#dataCentre.enforce(this.state),
    );
    return created({ firewall: this.#render('firewalls', firewall.id), actions: [action] });
  }

  #applyFirewall(firewall: Firewall, serverId: number, on: boolean): void {
    const server = this.#find('servers', serverId);
    firewall.servers = firewall.servers.filter((each) => each !== serverId).concat(on ? [serverId] : []);
    server.firewalls = server.firewalls
      .filter((each) => each !== firewall.id)
      .concat(on ? [firewall.id] : []);
  }

  #put(kind: Kind, wanted: number, body: z.infer<(typeof bodies)['PUT']>): ApiAnswer {
    const found = this.#find(kind, wanted) as {
      id: number;
      name: string;
      labels: Record<string, string>;
      auto_delete?: boolean;
    };
    if (body.name !== undefined) {
      this.#unique(kind, body.name, wanted);
      found.name = body.name;
    }
    if (body.labels !== undefined) found.labels = body.labels;
    if (body.auto_delete !== undefined && kind === 'primary_ips') found.auto_delete = body.auto_delete;
    return ok({ [singular[kind]]: this.#render(kind, wanted) });
  }

  /** Takes a server away with all that hangs on it; its volumes and addresses stay, free. */
  async dropServer(wanted: number): Promise<void> {
    const server = this.#find('servers', wanted);
    for (const volume of this.state.volumes) {
      if (volume.server !== wanted) continue;
      await this.#dataCentre.detachVolume(wanted, volume.id);
      volume.server = null;
    }
    await this.#dataCentre.deleteServer(wanted);
    for (const firewall of this.state.firewalls)
      firewall.servers = firewall.servers.filter((each) => each !== wanted);
    for (const ip of this.state.primary_ips) if (ip.assignee_id === wanted) ip.assignee_id = null;
    this.state.primary_ips = this.state.primary_ips.filter(
      (ip) => !(ip.auto_delete && (ip.id === server.ipv4 || ip.id === server.ipv6)),
    );
    this.state.servers = this.state.servers.filter((each) => each.id !== wanted);
    await this.#dataCentre.enforce(this.state);
    this.#store.save();
  }

  #delete(kind: Kind, wanted: number): ApiAnswer {
    const found = this.#find(kind, wanted) as { protection?: { delete: boolean } };
    if (found.protection?.delete)
      throw new ApiError(423, 'protected', `${singular[kind]} is protected from deletion`);
    const drop = () => {
      this.state[kind] = (this.state[kind] as { id: number }[]).filter((each) => each.id !== wanted) as never;
    };
    switch (kind) {
      case 'ssh_keys':
        drop();
        return { status: 204 };
      case 'servers': {
        this.#find('servers', wanted).status = 'deleting';
        const action = this.#begin('delete_server', [{ id: wanted, type: 'server' }], () =>
          this.dropServer(wanted),
        );
        return ok({ action });
      }
      case 'volumes': {
        if (this.#find('volumes', wanted).server !== null)
          throw new ApiError(422, 'resource_in_use', 'the volume is attached to a server');
        drop();
        void this.#dataCentre.deleteVolume(wanted);
        return { status: 204 };
      }
      case 'primary_ips': {
        if (this.#find('primary_ips', wanted).assignee_id !== null)
          throw new ApiError(422, 'resource_in_use', 'the primary IP is assigned');
        drop();
        return { status: 204 };
      }
      case 'firewalls': {
        if (this.#find('firewalls', wanted).servers.length > 0)
          throw new ApiError(422, 'resource_in_use', 'the firewall is applied to a resource');
        drop();
        return { status: 204 };
      }
    }
  }

  #attach(volume: Volume, server: Server): Action {
    if (volume.server !== null)
      throw new ApiError(422, 'volume_already_attached', 'the volume is already attached');
    if (volume.location !== server.location)
      throw invalid('server', `the volume is in ${volume.location}, the server in ${server.location}`);
    volume.server = server.id;
    const resources = [
      { id: volume.id, type: 'volume' },
      { id: server.id, type: 'server' },
    ];
    return this.#begin('attach_volume', resources, async () => {
      await this.#settled(server.id);
      await this.#dataCentre.attachVolume(server.id, volume.id);
    });
  }

  /** Waits until nothing else is being done to a server: actions on one server follow each other. */
  async #settled(serverId: number): Promise<void> {
    for (;;) {
      const busy = this.state.actions.some(
        (each) =>
          each.status === 'running' && each.command === 'create_server' && each.resources[0]?.id === serverId,
      );
      if (!busy) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #command(kind: Kind, wanted: number, command: string, body: unknown): ApiAnswer {
    const type = singular[kind];
    const begin = (work: () => Promise<void>) =>
      created({ action: this.#begin(command, [{ id: wanted, type }], work) });
    const done = () => begin(async () => undefined);
    const key = `${kind} ${command}`;
    if (command === 'change_protection' && kind !== 'ssh_keys' && kind !== 'firewalls') {
      const found = this.#find(kind, wanted) as unknown as { protection: Record<string, boolean> };
      const wish = parseBody(protection, body);
      if (kind === 'servers' && wish.delete !== wish.rebuild) throw invalid('rebuild', 'must equal delete');
      Object.assign(found.protection, kind === 'servers' ? wish : { delete: wish.delete ?? false });
      return done();
    }
    if (command === 'change_dns_ptr' && (kind === 'primary_ips' || kind === 'servers'))
      return this.#changePointer(kind, wanted, body, begin);
    switch (key) {
      case 'servers poweron':
        return begin(async () => {
          await this.#dataCentre.powerOn(wanted);
          this.#find('servers', wanted).status = 'running';
          await this.#dataCentre.enforce(this.state);
        });
      case 'servers poweroff':
      case 'servers shutdown':
        return begin(async () => {
          await (command === 'poweroff'
            ? this.#dataCentre.powerOff(wanted)
            : this.#dataCentre.shutdown(wanted));
          this.#find('servers', wanted).status = 'off';
        });
      case 'servers reset':
      case 'servers reboot':
        return begin(() => this.#dataCentre.reset(wanted));
      case 'volumes attach': {
        const { server } = parseBody(z.strictObject({ server: id, automount: z.boolean().optional() }), body);
        return created({
          action: this.#attach(this.#find('volumes', wanted), this.#find('servers', server)),
        });
      }
      case 'volumes detach': {
        const volume = this.#find('volumes', wanted);
        const { server } = volume;
        if (server === null)
          throw new ApiError(422, 'invalid_input', 'the volume is not attached', { fields: [] });
        return begin(async () => {
          await this.#dataCentre.detachVolume(server, wanted);
          volume.server = null;
        });
      }
      case 'volumes resize': {
        const volume = this.#find('volumes', wanted);
        const { size } = parseBody(z.strictObject({ size: z.number().int() }), body);
        if (size <= volume.size) throw invalid('size', 'a volume can only grow');
        volume.size = size;
        return begin(() => this.#dataCentre.resizeVolume(wanted, size));
      }
      case 'primary_ips assign': {
        const { assignee_id } = parseBody(
          z.strictObject({ assignee_id: id, assignee_type: z.literal('server') }),
          body,
        );
        if (this.#find('servers', assignee_id).status !== 'off')
          throw new ApiError(422, 'server_not_stopped', 'the server must be off');
        const ip = this.#find('primary_ips', wanted);
        ip.assignee_id = assignee_id;
        this.#find('servers', assignee_id)[ip.type] = ip.id;
        return done();
      }
      case 'primary_ips unassign': {
        const ip = this.#find('primary_ips', wanted);
        const server = this.state.servers.find((each) => each.id === ip.assignee_id);
        if (server && server.status !== 'off')
          throw new ApiError(422, 'server_not_stopped', 'the server must be off');
        if (server) server[ip.type] = null;
        ip.assignee_id = null;
        return done();
      }
      case 'firewalls set_rules': {
        this.#find('firewalls', wanted).rules = parseBody(z.strictObject({ rules: z.array(rule) }), body)
          .rules as Firewall['rules'];
        const action = this.#begin(command, [{ id: wanted, type }], () =>
          this.#dataCentre.enforce(this.state),
        );
        return created({ actions: [action] });
      }
      case 'firewalls apply_to_resources':
      case 'firewalls remove_from_resources': {
        const on = command === 'apply_to_resources';
        const schema = z.strictObject({ [on ? 'apply_to' : 'remove_from']: z.array(resource) });
        const list = Object.values(parseBody(schema, body))[0] as z.infer<typeof resource>[];
        for (const each of list)
          if (each.server) this.#applyFirewall(this.#find('firewalls', wanted), each.server.id, on);
        const action = this.#begin(command, [{ id: wanted, type }], () =>
          this.#dataCentre.enforce(this.state),
        );
        return created({ actions: [action] });
      }
      default:
        throw new ApiError(404, 'not_found', `the sandbox has no action "${command}" for ${kind}`);
    }
  }

  #changePointer(
    kind: 'primary_ips' | 'servers',
    wanted: number,
    body: unknown,
    begin: (work: () => Promise<void>) => ApiAnswer,
  ): ApiAnswer {
    const { ip, dns_ptr } = parseBody(
      z.strictObject({ ip: z.string(), dns_ptr: z.string().nullable() }),
      body,
    );
    const owned =
      kind === 'primary_ips'
        ? [this.#find('primary_ips', wanted)]
        : this.state.primary_ips.filter((each) =>
            [this.#find('servers', wanted).ipv4, this.#find('servers', wanted).ipv6].includes(each.id),
          );
    const owner = owned.find((each) =>
      each.type === 'ipv4' ? each.ip === ip : ip.startsWith(each.ip.replace('::/64', ':')),
    );
    if (!owner) throw invalid('ip', `${ip} does not belong to it`);
    if (dns_ptr !== null && !/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i.test(dns_ptr))
      throw invalid('dns_ptr', 'is no host name');
    owner.dns_ptr = owner.dns_ptr.filter((each) => each.ip !== ip);
    if (dns_ptr !== null) owner.dns_ptr.push({ ip, dns_ptr });
    else if (owner.type === 'ipv4') owner.dns_ptr.push({ ip, dns_ptr: defaultPointer(ip) });
    return begin(() => this.#dataCentre.setPointer(ip, dns_ptr));
  }

  /** A thing as the API shows it. */
  #render(kind: Kind, wanted: number): unknown {
    switch (kind) {
      case 'ssh_keys':
        return this.#find('ssh_keys', wanted);
      case 'servers':
        return this.#renderServer(this.#find('servers', wanted));
      case 'volumes': {
        const volume = this.#find('volumes', wanted);
        return {
          ...volume,
          location: locations.find((each) => each.name === volume.location),
          linux_device: `/dev/disk/by-id/scsi-0HC_Volume_${wanted}`,
        };
      }
      case 'primary_ips': {
        const { slot: _slot, ...ip } = this.#find('primary_ips', wanted);
        return {
          ...ip,
          location: locations.find((each) => each.name === ip.location),
          assignee_type: 'server',
          blocked: false,
        };
      }
      case 'firewalls': {
        const { servers, ...firewall } = this.#find('firewalls', wanted);
        return {
          ...firewall,
          applied_to: servers.map((server) => ({ type: 'server', server: { id: server } })),
        };
      }
    }
  }

  #renderServer(server: Server): unknown {
    const ip = (wanted: number | null) => this.state.primary_ips.find((each) => each.id === wanted);
    const ipv4 = ip(server.ipv4);
    const ipv6 = ip(server.ipv6);
    return {
      id: server.id,
      name: server.name,
      status: server.status,
      created: server.created,
      labels: server.labels,
      location: locations.find((each) => each.name === server.location),
      server_type: serverTypes.find((each) => each.name === server.server_type),
      image: images.find((each) => each.id === server.image),
      iso: null,
      rescue_enabled: server.rescue_enabled,
      locked: false,
      backup_window: null,
      outgoing_traffic: 0,
      ingoing_traffic: 0,
      included_traffic: 21990232555520,
      primary_disk_size: serverTypes.find((each) => each.name === server.server_type)?.disk ?? 40,
      protection: server.protection,
      public_net: {
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
      },
      private_net: [],
      volumes: this.state.volumes.filter((each) => each.server === server.id).map((each) => each.id),
      load_balancers: [],
      placement_group: null,
    };
  }
}

const now = (): string => new Date().toISOString();
const ok = (body: unknown): ApiAnswer => ({
  status: 200,
  body,
  headers: { 'RateLimit-Limit': '3600', 'RateLimit-Remaining': '3599' },
});
const created = (body: unknown): ApiAnswer => ({ status: 201, body });
const firstAddress = (ipv6Network: string): string => ipv6Network.replace('::/64', '::1');
const defaultPointer = (ip: string): string =>
  `static.${ip.split('.').reverse().join('.')}.clients.your-server.test`;

function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => ({
    name: issue.code === 'unrecognized_keys' ? issue.keys.join(',') : issue.path.join('.'),
    messages: [issue.message],
  }));
  throw new ApiError(422, 'invalid_input', `invalid input in field '${fields[0]?.name}'`, { fields });
}

function filtered<T extends { name: string; labels?: Record<string, string> }>(
  list: T[],
  query: URLSearchParams,
): T[] {
  const known = [
    'name',
    'label_selector',
    'page',
    'per_page',
    'sort',
    'architecture',
    'include_deprecated',
    'type',
    'status',
    'ip',
    'fingerprint',
  ];
  const unknown = [...query.keys()].filter((key) => !known.includes(key));
  if (unknown.length > 0) throw invalid(unknown[0]!, 'the sandbox knows no such filter');
  const name = query.get('name');
  const selector = query.get('label_selector');
  const architecture = query.get('architecture');
  return list.filter(
    (each) =>
      (name === null || each.name === name) &&
      (selector === null || matchesLabels(selector, each.labels ?? {})) &&
      (architecture === null || (each as { architecture?: string }).architecture === architecture),
  );
}

function page(name: string, list: unknown[], query: URLSearchParams): ApiAnswer {
  const perPage = Math.min(Number(query.get('per_page') ?? 25), 50);
  const number = Number(query.get('page') ?? 1);
  const last = Math.max(1, Math.ceil(list.length / perPage));
  return ok({
    [name]: list.slice((number - 1) * perPage, number * perPage),
    meta: {
      pagination: {
        page: number,
        per_page: perPage,
        previous_page: number > 1 ? number - 1 : null,
        next_page: number < last ? number + 1 : null,
        last_page: last,
        total_entries: list.length,
      },
    },
  });
}
