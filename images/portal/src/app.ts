import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { csrf } from 'hono/csrf';
import { HTTPException } from 'hono/http-exception';
import type { AppPasswords } from './app-passwords.ts';
import type { Cloud, Status, Visitor } from './cloud.ts';
import {
  appPasswordsPage,
  helpPage,
  homePage,
  loggedOutPage,
  mailPage,
  messagePage,
  type PageFrame,
  statusPage,
} from './pages.ts';
import { languageFor, textsIn } from './texts.ts';

/**
 * The portal. The auth proxy in front of it names the user in request headers, and the portal can only be reached
 * through it.
 */
export function createApp(
  cloud: Cloud,
  readStatus: () => Status | undefined,
  passwords: Pick<AppPasswords, 'list' | 'add' | 'remove'>,
  onlyReverseProxy: MiddlewareHandler,
): Hono {
  const app = new Hono();
  const frame = (context: Context): PageFrame => {
    const language = languageFor(context.req.header('accept-language'));
    return { cloud, language, t: textsIn(language) };
  };
  const visitor = (context: Context): Visitor => ({
    name: context.req.header('x-auth-request-preferred-username') ?? '',
    groups: (context.req.header('x-auth-request-groups') ?? '').split(',').map((each) => each.trim()),
  });
  app.use(async (context, next) => {
    await next();
    // Loads nothing from other sites, and runs no script (CSP Level 3).
    context.header(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
    context.header('Cache-Control', 'no-store');
    context.header('Vary', 'Accept-Language');
  });
  app.get('/healthz', (context) => context.text('ok'));
  app.use(onlyReverseProxy);
  // Accepts forms only from the portal's own pages (Fetch Metadata, RFC 6454 §7).
  app.use(csrf({ origin: cloud.origin }));
  app.get('/help', (context) => context.html(helpPage(frame(context))));
  app.get('/logged-out', (context) => context.html(loggedOutPage(frame(context))));
  app.get('/', (context) => context.html(homePage(frame(context), visitor(context))));
  app.get('/app-passwords', async (context) => {
    const there = await passwords.list(visitor(context).name);
    return context.html(appPasswordsPage(frame(context), visitor(context), there));
  });
  app.post('/app-passwords', async (context) => {
    const { label } = await context.req.parseBody();
    const text =
      typeof label === 'string'
        ? label
            .replace(/\p{Cc}/gu, ' ')
            .trim()
            .slice(0, 60)
        : '';
    const { name } = visitor(context);
    const made = text ? await passwords.add(name, text) : undefined;
    const there = await passwords.list(name);
    return context.html(
      appPasswordsPage(
        frame(context),
        visitor(context),
        there,
        made ? { label: text, text: made } : text ? 'full' : 'unnamed',
      ),
      made ? 200 : 400,
    );
  });
  app.post('/app-passwords/remove', async (context) => {
    const { id } = await context.req.parseBody();
    if (typeof id === 'string') await passwords.remove(visitor(context).name, id);
    return context.redirect('/app-passwords', 303);
  });
  const { mail } = cloud;
  if (mail) app.get('/mail', (context) => context.html(mailPage(frame(context), visitor(context), mail)));
  app.get('/status', (context) => {
    if (!visitor(context).groups.includes('admins'))
      return context.html(messagePage(frame(context), frame(context).t('notForYou')), 403);
    return context.html(statusPage(frame(context), readStatus()));
  });
  app.onError((error, context) => {
    // A request that Hono refused, such as a form from another site, brings its own answer.
    if (error instanceof HTTPException) return error.getResponse();
    console.error(error.message);
    return context.html(messagePage(frame(context), frame(context).t('trouble'), cloud.owner), 503);
  });
  app.notFound((context) => context.html(messagePage(frame(context), frame(context).t('notFound')), 404));
  return app;
}
