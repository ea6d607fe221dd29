import { havenProvider } from '../../components/provider/haven-provider.ts';
import {
  type ListeningProvider,
  listenProvider,
  type ProviderSpec,
} from '../../components/provider/serve.ts';
import type { SandboxLink } from '../../core/sandbox-link.ts';
import { sandboxProviders } from './sandbox-link.ts';

/** Providers that this process serves for as long as a session lasts. */
export interface Providers {
  ports: Record<string, number>;
  close(): void;
}

/**
 * Serves our own provider, and in a sandbox the emulators, from this process: the engine loads each of them twice a
 * run, and a process each time costs more than all that they do. They find what they need in this environment; `front`
 * is what leads official plugins, and so their emulators, to the front of an API (`components/api-front.ts`).
 */
export async function openProviders(
  environment: Record<string, string>,
  sandbox: SandboxLink | undefined,
  front: Record<string, string>,
): Promise<Providers> {
  Object.assign(process.env, environment);
  const before = Object.fromEntries(Object.keys(front).map((name) => [name, process.env[name]]));
  if (sandbox) Object.assign(process.env, front);
  const specs: Record<string, ProviderSpec> = {
    haven: havenProvider,
    ...(sandbox ? await sandboxProviders(sandbox) : {}),
  };
  const listening: [string, ListeningProvider][] = [];
  for (const [name, spec] of Object.entries(specs)) listening.push([name, await listenProvider(spec)]);
  return {
    ports: Object.fromEntries(listening.map(([name, { port }]) => [name, port])),
    close: () => {
      for (const [, each] of listening) each.close();
      for (const [name, value] of Object.entries(before))
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
    },
  };
}
