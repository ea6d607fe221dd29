import { z } from 'zod';
import { defineService } from '../../core/service.ts';

export default defineService({
  id: 'website',
  title: 'Website',
  summary: 'Website: one page with a title and a text under your own domain.',
  summaryDe: 'Website: eine Seite unter der eigenen Domain.',
  upstream: { name: 'Caddy', url: 'https://caddyserver.com', licence: 'Apache-2.0', version: '2.11.9' },
  images: { web: { build: 'images/caddy' } },
  options: z.strictObject({
    title: z.string().max(80).default('It works').describe('Headline of the page.'),
    text: z
      .string()
      .max(2000)
      .default('This is my own cloud.')
      .describe('Text below the headline, as plain text.'),
  }),
  needs: { route: { subdomain: 'www', port: 'http' } },
  publicBecause: 'A website is for everyone.',
  ports: { http: 8080 },
  healthChecks: [{ port: 'http', path: '/', status: 200 }],
  memoryMb: 64,
  files: ({ title, text }, { domain }) => ({
    Caddyfile: ':8080 {\n\troot * /srv\n\tfile_server\n\tencode gzip\n}\n',
    'site/index.html': page(escapeHtml(title), escapeHtml(text), escapeHtml(domain)),
  }),
});

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const page = (title: string, text: string, domain: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${domain}</title>
<style>
  :root { color-scheme: light dark; font: 18px/1.6 system-ui, sans-serif }
  body { display: grid; place-items: center; min-height: 90vh; margin: 0 }
  main { max-width: 34rem; padding: 2rem }
  h1 { font-size: 2.4rem; margin: 0 0 .5em; text-wrap: balance }
  small { opacity: .7 }
</style>
<main>
  <h1>${title}</h1>
  <p>${text}</p>
  <small>${domain}</small>
</main>
</html>
`;
