import { getConnInfo } from '@hono/node-server/conninfo';
import type { MiddlewareHandler } from 'hono';

/**
 * Lets in who comes by the reverse proxy alone. It comes through the gateway of this container's own network (the default
 * route); containers that share another network with this one could else say that they are anybody. `routes` is the text
 * of /proc/net/route (proc_pid_net(5)): addresses are hexadecimal, lowest byte first.
 */
export function reverseProxyOnly(routes: string): MiddlewareHandler {
  const line = routes
    .split('\n')
    .map((each) => each.trim().split(/\s+/))
    .find(([, destination]) => destination === '00000000');
  const bytes = line?.[2]?.match(/../g)?.reverse();
  if (!bytes) throw new Error('this container has no way out, so the reverse proxy can not be known');
  const gateway = bytes.map((each) => Number.parseInt(each, 16)).join('.');
  return async (context, next) => {
    const address = getConnInfo(context).remote.address?.replace(/^::ffff:/, '');
    if (address !== gateway) return context.text('Only the reverse proxy may ask.', 403);
    await next();
  };
}
