import { havenProvider } from '../../components/provider/haven-provider.ts';
import {
  type ListeningProvider,
  listenProvider,
  type ProviderSpec,
} from '../../components/provider/serve.ts';

/** Providers that this process serves for as long as a session lasts. */
export interface Providers {
  ports: Record<string, number>;
  close(): void;
}

/**
 * Serves our own provider, and in a sandbox the emulators, from this process: the engine loads each of them twice a
 * run, and a process each time costs more than all that they do. They find what they need in this environment.
 */
export async function openProviders(
  environment: Record<string, string>,
  offline: boolean,
): Promise<Providers> {
  Object.assign(process.env, environment);
  const specs: Record<string, ProviderSpec> = { haven: havenProvider, ...(offline ? await stubs() : {}) };
  const listening: [string, ListeningProvider][] = [];
  for (const [name, spec] of Object.entries(specs)) listening.push([name, await listenProvider(spec)]);
  return {
    ports: Object.fromEntries(listening.map(([name, { port }]) => [name, port])),
    close: () => {
      for (const [, each] of listening) each.close();
    },
  };
}

/** Loaded in a sandbox only. */
async function stubs(): Promise<Record<string, ProviderSpec>> {
  const { hcloudPlugin } = await import('../../sandbox/plugins/hcloud.ts');
  const { cloudflarePlugin } = await import('../../sandbox/plugins/cloudflare.ts');
  const { commandPlugin } = await import('../../sandbox/plugins/command.ts');
  return { hcloud: hcloudPlugin, cloudflare: cloudflarePlugin, command: commandPlugin };
}
