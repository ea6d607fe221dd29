import { html, raw } from 'hono/html';

/** Grey on grey, so that nobody takes this for the real one. */
const style = `
  :root { color-scheme: light; font: 17px/1.55 system-ui, sans-serif }
  body { margin: 0; background: #e4e4e4; color: #333 }
  main { max-width: 34rem; margin: 12vh auto; padding: 2rem; background: #d3d3d3; border: 2px dashed #666; border-radius: .6rem }
  h1 { margin: 0 0 1rem; font-size: 1.4rem }
  a { color: #222; font-weight: 600 }
`;

const page = (title: string, body: ReturnType<typeof html>) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · stub for Vaultwarden</title>
<style>${raw(style)}</style>
</head>
<body><main><h1>Stub for Vaultwarden</h1>${body}</main></body>
</html>`;

export const frontPage = () =>
  page(
    'Log in',
    html`<p>This is not Vaultwarden. Its official image could not be downloaded here, so this page takes its place: it logs in
like Vaultwarden does, and keeps no passwords.</p><p><a href="/log-in">Log in</a></p>`,
  );

export const vaultPage = (name: string, email: string) =>
  page(
    'Logged in',
    html`<p>You are logged in as ${name} (${email}).</p><p>Vaultwarden would ask for your master password now, and show
your vault. This stub has none. Don't type a password here.</p>`,
  );

export const messagePage = (title: string, text: string) =>
  page(title, html`<p>${text}</p><p><a href="/">Back</a></p>`);
