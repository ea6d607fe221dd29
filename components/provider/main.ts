import { havenProvider } from './haven-provider.ts';
import { serveProvider } from './serve.ts';

/** The plugin `pulumi-resource-haven`, for engines that start their plugins themselves. */
await serveProvider(havenProvider);
