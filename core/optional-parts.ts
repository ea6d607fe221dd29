import type { OptionalPart, ServiceDefinition } from './service.ts';

/** A service as these options make it: with the parts that they switch on, and without all others. */
export const withOptionalParts = (
  service: ServiceDefinition,
  options: Record<string, unknown>,
): ServiceDefinition => withParts(service, (option) => options[option] === true);

/** A service with all of its optional parts: what it can have, whatever its owner chooses. */
export const withAllOptionalParts = (service: ServiceDefinition): ServiceDefinition =>
  withParts(service, () => true);

function withParts(service: ServiceDefinition, isOn: (option: string) => boolean): ServiceDefinition {
  const { optional, ...base } = service;
  if (!optional) return service;
  return Object.entries(optional)
    .filter(([option]) => isOn(option))
    .reduce<ServiceDefinition>((before, [, part]) => add(before, part), base);
}

const add = (service: ServiceDefinition, part: OptionalPart): ServiceDefinition => ({
  ...service,
  images: { ...service.images, ...part.images },
  ...(part.tcp ? { needs: { ...service.needs, tcp: [...(service.needs?.tcp ?? []), ...part.tcp] } } : {}),
  ...(part.ports ? { ports: { ...service.ports, ...part.ports } } : {}),
  ...(part.data ? { data: { ...service.data, ...part.data } } : {}),
  memoryMb: service.memoryMb + (part.memoryMb ?? 0),
});
