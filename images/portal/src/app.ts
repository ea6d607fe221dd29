import { type Context, Hono } from 'hono';
import type { Cloud, Status, Visitor } from './cloud.ts';
import { appPasswordsPage, helpPage, homePage, messagePage, type PageFrame, statusPage } from './pages.ts';
import { languageFor, textsIn } from './texts.ts';

/** The people's door. Who is asking is said by the gate in front of it, and nobody reaches it past the gate. */
export function createApp(cloud: Cloud, readStatus: () => Status | undefined): Hono {
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
    // Nothing is loaded from anywhere, and no script runs (CSP Level 3).
    context.header(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
    );
    context.header('Cache-Control', 'no-store');
    context.header('Vary', 'Accept-Language');
  });
  app.get('/healthz', (context) => context.text('ok'));
  app.get('/help', (context) => context.html(helpPage(frame(context))));
  app.get('/', (context) => context.html(homePage(frame(context), visitor(context))));
  app.get('/app-passwords', (context) => context.html(appPasswordsPage(frame(context))));
  app.get('/status', (context) => {
    if (!visitor(context).groups.includes('admins'))
      return context.html(messagePage(frame(context), frame(context).t('notForYou')), 403);
    return context.html(statusPage(frame(context), readStatus()));
  });
  app.notFound((context) => context.html(messagePage(frame(context), frame(context).t('notFound')), 404));
  return app;
}
