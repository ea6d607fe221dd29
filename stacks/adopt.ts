import { createHash, randomUUID } from 'node:crypto';
import type { Deployment, StateResource } from './pending.ts';

/**
 * Puts records that exist into a state, so that the engine changes them in place instead of making them anew. What they
 * really say is read by the refresh that every `up` begins with. (`pulumi import` would do it, but wants Pulumi's
 * language host, which can't be had everywhere.)
 */
export function adoptIntoState(
  deployment: Deployment & { manifest?: { magic?: string } },
  adopted: Record<string, string>,
  { stack, project, version }: { stack: string; project: string; version: string },
): Deployment {
  const resources = [...(deployment.resources ?? [])];
  const urn = (type: string, name: string): string => `urn:pulumi:${stack}::${project}::${type}::${name}`;
  const records = Object.entries(adopted).map(
    ([key, id]) => [urn('cloudflare:index/dnsRecord:DnsRecord', key), id] as const,
  );
  const missing = records.filter(([each]) => !resources.some((resource) => resource.urn === each));
  if (missing.length === 0) return deployment;

  const providerUrn = urn('pulumi:providers:cloudflare', `default_${version.replaceAll('.', '_')}`);
  let provider = resources.find((each) => each.urn === providerUrn);
  if (!provider) {
    provider = {
      urn: providerUrn,
      type: 'pulumi:providers:cloudflare',
      custom: true,
      id: randomUUID(),
      inputs: { version },
      outputs: { version },
    };
    resources.push(provider);
  }
  for (const [recordUrn, path] of missing) {
    const [zoneId = '', id = ''] = path.split('/');
    const record: StateResource & { provider: string } = {
      urn: recordUrn,
      type: 'cloudflare:index/dnsRecord:DnsRecord',
      custom: true,
      id,
      inputs: { zoneId },
      outputs: { zoneId },
      provider: `${providerUrn}::${provider.id}`,
    };
    resources.push(record);
  }
  return { ...deployment, ...(deployment.manifest?.magic ? {} : { manifest: newManifest() }), resources };
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
