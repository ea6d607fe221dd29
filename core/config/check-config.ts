import type { DnsProviderFacts } from '../dns/provider-facts.ts';
import { mailDomainFaults, mailDomains } from '../mail/mail-domains.ts';
import { withOptionalParts } from '../optional-parts.ts';
import { type Problem, suggest } from '../problem.ts';
import type { Catalogue } from '../service.ts';
import type { HavenConfig } from './config-schema.ts';
import { chosenServices } from './dependencies.ts';
import { fixedHosts } from './fixed-hosts.ts';
import { hostOf, serverHostName } from './host-name.ts';
import { relayFaults } from './mail-sending.ts';
import { memoryMb } from './memory.ts';
import { defaultQuotas, plannedGb, usableGb, volumeFor } from './quotas.ts';
import { issueProblems } from './schema-problems.ts';
import { hetznerLocations, hetznerTypes, unsupportedHetznerTypes } from './server-types.ts';
import { suggestService } from './suggest-service.ts';
import { zoneOf, zonesOf } from './zones.ts';

/** Checks what no single setting shows: values that don't exist, duplicates, conflicts between settings. */
export function checkConfig(
  config: HavenConfig,
  catalogue: Catalogue,
  dnsProviders: DnsProviderFacts[],
  locate: (path: PropertyKey[]) => string,
): Problem[] {
  const problems: Problem[] = [];
  const add = (path: PropertyKey[], what: string, remedy: string) =>
    problems.push({ where: locate(path), what: `${path.join('.')}: ${what}`, remedy });

  const type = hetznerTypes[config.server.type];
  if (!type) {
    const supported = Object.keys(hetznerTypes);
    if (unsupportedHetznerTypes.includes(config.server.type))
      add(
        ['server', 'type'],
        `"${config.server.type}" is not supported yet.`,
        `Choose one of: ${supported.join(', ')}.`,
      );
    else
      add(
        ['server', 'type'],
        `there is no server type "${config.server.type}".`,
        suggest(config.server.type, supported),
      );
  }
  if (!(config.server.location in hetznerLocations)) {
    add(
      ['server', 'location'],
      `there is no location "${config.server.location}".`,
      suggest(config.server.location, Object.keys(hetznerLocations)),
    );
  }
  const names = config.domains.map((each) => each.name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) !== index)
      add(['domains', index, 'name'], `"${name}" is listed twice.`, 'Remove one.');
  }
  for (const [index, { name, zone, dns }] of config.domains.entries()) {
    if (zone !== undefined && !`.${name}`.endsWith(`.${zone}`))
      add(
        ['domains', index, 'zone'],
        `${name} is not in the zone ${zone}.`,
        'Name a domain above it, or remove this line.',
      );
    const other = config.domains.find((each) => zoneOf(each) === zoneOf({ name, zone }));
    if (other && other.dns !== dns)
      add(
        ['domains', index, 'dns'],
        `the zone ${zoneOf({ name, zone })} is at "${other.dns}" for ${other.name}, and can't be at "${dns}" too.`,
        'Choose one of them for both.',
      );
  }
  const providers = dnsProviders.map((each) => each.id);
  for (const [index, { dns }] of config.domains.entries()) {
    if (!providers.includes(dns))
      add(['domains', index, 'dns'], `there is no DNS provider "${dns}".`, suggest(dns, providers));
  }

  const receivesMail = Object.keys(config.services).some(
    (id) => catalogue.get(id)?.definition.provides === 'mail',
  );
  if (config.alarms?.email && !config.sending && !receivesMail)
    add(
      ['alarms', 'email'],
      'requires an account that sends email.',
      'Add "sending" (docs/settings.md), or remove this line.',
    );

  const hosts = hostsTakenFirst(config, catalogue);
  for (const [id, entry] of Object.entries(config.services)) {
    const service = catalogue.get(id)?.definition;
    if (!service) {
      add(['services', id], 'there is no such service.', suggestService(id, catalogue));
      continue;
    }
    const options = service.options.safeParse(entry.options);
    const part = { schema: service.options, at: ['services', id, 'options'], word: 'option' };
    for (const issue of options.error?.issues ?? [])
      problems.push(...issueProblems(issue, entry.options, locate, part));
    if (service.provides === 'mail' && options.success)
      for (const { index, what, remedy } of mailDomainFaults(options.data, zonesOf(config.domains)))
        add(['services', id, 'options', 'domains', index], what, remedy);
    if (service.provides === 'mail' && options.success) {
      const received = mailDomains(options.data, entry.domain ?? names[0]!);
      for (const { path, what, remedy } of relayFaults(
        options.data,
        received,
        hostOf(config, id, service.needs?.route?.subdomain ?? id),
      ))
        add(['services', id, 'options', ...path], what, remedy);
    }
    if (entry.domain !== undefined && !names.includes(entry.domain)) {
      add(
        ['services', id, 'domain'],
        `"${entry.domain}" is not one of your domains.`,
        suggest(entry.domain, names),
      );
    }
    if (entry.access !== undefined && !service.publicBecause)
      add(
        ['services', id, 'access'],
        service.needs?.route ? `${id} has a login of its own.` : `${id} has no pages.`,
        'Remove this line.',
      );
    const data = Object.keys(defaultQuotas(withOptionalParts(service, entry.options)));
    for (const name of Object.keys(entry.quotaGb ?? {})) {
      if (data.includes(name)) continue;
      add(
        ['services', id, 'quotaGb', name],
        `${id} has no data of this name.`,
        data.length > 0 ? suggest(name, data) : 'Remove this line.',
      );
    }
    const { route } = service.needs ?? {};
    const host = route && hostOf(config, id, route.subdomain);
    const fixed = options.success ? fixedHosts(config, service, options.data) : [];
    for (const name of new Set([...(host ? [host] : []), ...fixed])) {
      const other = hosts.get(name);
      if (other && name === host)
        add(
          ['services', id, 'subdomain'],
          `"${host}" is already taken by ${other}.`,
          `Choose another subdomain for ${id}.`,
        );
      else if (other)
        add(
          ['services', id],
          `it needs the name "${name}", which is already taken by ${other}.`,
          `Choose another subdomain for ${other}.`,
        );
      hosts.set(name, id);
    }
  }

  const { diskGb } = config.server;
  const dataGb = plannedGb(config, catalogue);
  if (dataGb > usableGb(diskGb))
    add(
      ['server', 'diskGb'],
      `the quotas of all services add up to ${dataGb} GB, and a volume of ${diskGb} GB has ${usableGb(diskGb)} GB for data; the rest is reserved.`,
      `Set diskGb to ${volumeFor(dataGb)} or more, or lower a quotaGb.`,
    );

  const wanted = memoryMb(config, catalogue);
  if (type && wanted > type.memoryGb * 1024) {
    const fitting = Object.entries(hetznerTypes).filter(
      ([, each]) => each.memoryGb * 1024 >= wanted && each.architecture === type.architecture,
    );
    const bigger = fitting.sort((a, b) => a[1].memoryGb - b[1].memoryGb)[0]?.[0];
    add(
      ['server', 'type'],
      `${config.server.type} has ${type.memoryGb * 1024} MB of memory, and the chosen services take up to ${wanted} MB.`,
      bigger ? `Choose ${bigger}, or fewer services.` : 'Choose fewer services.',
    );
  }
  return problems;
}

/** Names that no service of haven.yaml can have: the server's own, and those of services that come with others. */
function hostsTakenFirst(config: HavenConfig, catalogue: Catalogue): Map<string, string> {
  const implied = chosenServices(config, catalogue).flatMap((id): [string, string][] => {
    const { title, needs } = catalogue.get(id)!.definition;
    if (config.services[id] || !needs?.route) return [];
    return [[hostOf(config, id, needs.route.subdomain), `${title} (${id}), which this cloud needs`]];
  });
  return new Map([[serverHostName(config), 'the server itself'], ...implied]);
}
