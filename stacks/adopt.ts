import { createHash, randomUUID } from 'node:crypto';
import { nameOf } from './engine-events.ts';
import type { Deployment, StateResource } from './pending.ts';

/** A thing that exists and is to become a resource: Pulumi's type, the version of its package, and what it is read by. */
export interface AdoptedResource {
  type: string;
  version: string;
  id: string;
  inputs: Record<string, unknown>;
}

/**
 * Puts records that exist into a state, so that the engine changes them in place instead of making them again. What they
 * really say is read by the refresh with which `up` then begins. (`pulumi import` would do it, but needs Pulumi's
 * language host, which can't be downloaded everywhere.)
 */
export function adoptIntoState(
  deployment: Deployment & { manifest?: { magic?: string } },
  adopted: Map<string, AdoptedResource>,
  { stack, project }: { stack: string; project: string },
): Deployment {
  const resources = [...(deployment.resources ?? [])];
  const urn = (type: string, name: string): string => `urn:pulumi:${stack}::${project}::${type}::${name}`;
  const missing = [...adopted].filter(
    ([name, { type }]) => !resources.some((each) => each.urn === urn(type, name)),
  );
  if (missing.length === 0) return deployment;

  /** The default provider of a package, added where the state has none yet. */
  const providerOf = ({ type, version }: AdoptedResource): string => {
    const providerType = `pulumi:providers:${type.split(':')[0]}`;
    const providerUrn = urn(providerType, `default_${version.replaceAll('.', '_')}`);
    const known = resources.find((each) => each.urn === providerUrn);
    const provider = known ?? {
      urn: providerUrn,
      type: providerType,
      custom: true,
      id: randomUUID(),
      inputs: { version },
      outputs: { version },
    };
    if (!known) resources.push(provider);
    return `${providerUrn}::${provider.id}`;
  };
  for (const [name, each] of missing) {
    const provider = providerOf(each);
    const { type, id, inputs } = each;
    const record: StateResource & { provider: string } = {
      urn: urn(type, name),
      type,
      custom: true,
      id,
      inputs,
      outputs: inputs,
      provider,
    };
    resources.push(record);
  }
  return { ...deployment, ...(deployment.manifest?.magic ? {} : { manifest: newManifest() }), resources };
}

/** Removes adopted records from a state: they are their owner's again, and nothing may change or delete them. */
export function forgetInState(deployment: Deployment, names: string[]): Deployment {
  const forgotten = (deployment.resources ?? []).filter(({ urn }) => names.includes(nameOf(urn)));
  if (forgotten.length === 0) return deployment;
  const isKept = (urn: string): boolean => !forgotten.some((each) => each.urn === urn);
  const resources = deployment
    .resources!.filter(({ urn }) => isKept(urn))
    .map((each) => ({
      ...each,
      // The engine refuses a state that names a resource that it does not have.
      ...(each.dependencies && { dependencies: each.dependencies.filter(isKept) }),
      ...(each.propertyDependencies && {
        propertyDependencies: Object.fromEntries(
          Object.entries(each.propertyDependencies).map(([property, urns]) => [
            property,
            urns.filter(isKept),
          ]),
        ),
      }),
    }));
  return { ...deployment, resources };
}

/** A state's manifest; its magic is the sha256 of the version (pkg/resource/deploy/snapshot.go). */
function newManifest() {
  const version = 'v3.250.0';
  return {
    time: new Date().toISOString(),
    magic: createHash('sha256').update(version).digest('hex'),
    version,
  };
}
