import { getConnInfo } from '@hono/node-server/conninfo';
import type { MiddlewareHandler } from 'hono';

/**
 * Accepts requests from the reverse proxy only, because the headers that name the user come with them. The reverse
 * proxy connects through the gateway of this container's own network (the default route); a container on a shared
 * network could otherwise claim to be any user. `routes` is the text of /proc/net/route (proc_pid_net(5)): addresses
 * are hexadecimal, lowest byte first.
 */
export function reverseProxyOnly(routes: string): MiddlewareHandler {
  const line = routes
    .split('\n')
    .map((each) => each.trim().split(/\s+/))
    .find(([, destination]) => destination === '00000000');
  const bytes = line?.[2]?.match(/../g)?.reverse();
  if (!bytes)
    throw new Error("this container has no default route, so the reverse proxy can't be recognized");
  const gateway = bytes.map((each) => Number.parseInt(each, 16)).join('.');
  return async (context, next) => {
    const address = getConnInfo(context).remote.address?.replace(/^::ffff:/, '');
    if (address !== gateway) return context.text('Only the reverse proxy has access.', 403);
    await next();
  };
}
