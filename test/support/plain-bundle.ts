import type { Bundle, Release } from '../../core/release/release.ts';

/**
 * A bundle of a service that has nothing but what a test says. Tests of the agent also run bundled, where neither the
 * catalogue nor a plan can be loaded.
 */
export const plainBundle = (service: string, more: Partial<Release> = {}): Bundle => ({
  release: {
    ...{ format: 1, service, version: '1', images: {}, variables: {}, secrets: {}, data: {} },
    ...{ writers: [], routes: [], healthChecks: [], startTimeoutSeconds: 60 },
    network: { kind: 'bridge', name: `haven-${service}`, loopbackPorts: {} },
    ...more,
  },
  files: { 'compose.yaml': 'services: {}\n' },
});
