import type { ProviderSpec } from '../../components/provider/serve.ts';
import { cloudflarePlugin } from './cloudflare.ts';
import { commandPlugin } from './command.ts';
import { hcloudPlugin } from './hcloud.ts';

/** Emulators of the engine's official plugins, by package. They read the environment when this module is loaded. */
export const providers: Record<string, ProviderSpec> = {
  hcloud: hcloudPlugin,
  cloudflare: cloudflarePlugin,
  command: commandPlugin,
};
