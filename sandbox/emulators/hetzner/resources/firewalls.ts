import { z } from 'zod';
import type { ApiAnswer } from '../../http-api.ts';
import { beginAction } from '../project/begin-action.ts';
import { assertNameIsFree, type Project } from '../project/project.ts';
import type { Firewall, Server } from '../project/state.ts';
import { created, noContent } from '../protocol/answers.ts';
import { id, labels, parseBody } from '../protocol/body.ts';
import { ApiError } from '../protocol/errors.ts';
import { type Resource, updateNameAndLabels } from './resource.ts';

const rules = z.array(
  z.strictObject({
    direction: z.enum(['in', 'out']),
    protocol: z.enum(['tcp', 'udp', 'icmp', 'esp', 'gre']),
    port: z.string().nullish(),
    source_ips: z.array(z.string()).nullish(),
    destination_ips: z.array(z.string()).nullish(),
    description: z.string().nullish(),
  }),
);
const targets = z.array(
  z.strictObject({
    type: z.enum(['server', 'label_selector']),
    server: z.strictObject({ id }).optional(),
    label_selector: z.strictObject({ selector: z.string() }).optional(),
  }),
);
const creation = z.strictObject({
  name: z.string().min(1),
  labels,
  rules: rules.optional(),
  apply_to: targets.nullish(),
});

/** `/firewalls`: rules, outside the servers that they apply to. */
export const firewalls: Resource<Firewall> = {
  singular: 'firewall',
  all: (state) => state.firewalls,
  create(project, given) {
    const wish = parseBody(creation, given);
    assertNameIsFree(project.state.firewalls, 'firewall', wish.name);
    const guarded = serversOf(project, wish.apply_to ?? []);
    const firewall: Firewall = { ...project.newThing(wish), rules: wish.rules ?? [], servers: [] };
    for (const server of guarded) apply(firewall, server, true);
    project.state.firewalls.push(firewall);
    const actions = [enforce(project, firewall, 'set_firewall_rules')];
    return created({ firewall: firewalls.show(project, firewall), actions });
  },
  update: ({ state }, firewall, wish) => updateNameAndLabels(state.firewalls, 'firewall', firewall, wish),
  delete({ state }, firewall) {
    if (firewall.servers.length > 0)
      throw new ApiError(422, 'resource_in_use', 'the firewall is applied to a resource');
    state.firewalls = state.firewalls.filter((each) => each !== firewall);
    return noContent();
  },
  show(_project, { servers, ...firewall }) {
    return { ...firewall, applied_to: servers.map((server) => ({ type: 'server', server: { id: server } })) };
  },
  actions: {
    set_rules(project, firewall, body) {
      firewall.rules = parseBody(z.strictObject({ rules }), body).rules;
      return created({ actions: [enforce(project, firewall, 'set_rules')] });
    },
    apply_to_resources: (project, firewall, body) =>
      applyAll(project, firewall, parseBody(z.strictObject({ apply_to: targets }), body).apply_to, true),
    remove_from_resources: (project, firewall, body) =>
      applyAll(
        project,
        firewall,
        parseBody(z.strictObject({ remove_from: targets }), body).remove_from,
        false,
      ),
  },
};

function applyAll(
  project: Project,
  firewall: Firewall,
  to: z.infer<typeof targets>,
  isOn: boolean,
): ApiAnswer {
  for (const server of serversOf(project, to)) apply(firewall, server, isOn);
  const command = isOn ? 'apply_to_resources' : 'remove_from_resources';
  return created({ actions: [enforce(project, firewall, command)] });
}

const serversOf = (project: Project, to: z.infer<typeof targets>): Server[] =>
  to.flatMap(({ server }) => (server ? [project.server(server.id)] : []));

function apply(firewall: Firewall, server: Server, isOn: boolean): void {
  const others = firewall.servers.filter((each) => each !== server.id);
  firewall.servers = isOn ? [...others, server.id] : others;
  const otherFirewalls = server.firewalls.filter((each) => each !== firewall.id);
  server.firewalls = isOn ? [...otherFirewalls, firewall.id] : otherFirewalls;
}

const enforce = (project: Project, { id: firewall }: Firewall, command: string) =>
  beginAction(project, command, [{ id: firewall, type: 'firewall' }], () => project.enforce());
