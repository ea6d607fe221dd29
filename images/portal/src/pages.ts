import { html, raw } from 'hono/html';
import type { TFunction } from 'i18next';
import { renderSVG } from 'uqr';
import type { AppPassword } from './app-passwords.ts';
import type { Cloud, Language, Status, Visitor } from './cloud.ts';

type Html = ReturnType<typeof html>;

const style = `
  :root { color-scheme: light dark; font: 17px/1.55 system-ui, sans-serif; --line: #8886; --link: #1d5fa8; --ground: #f2f4f7; --card: #fff }
  @media (prefers-color-scheme: dark) { :root { --link: #8cc0ff; --ground: #14181d; --card: #1d232a } }
  body { margin: 0; background: var(--ground) }
  header, main, footer { max-width: 46rem; margin: 0 auto; padding: 1rem 1.2rem }
  header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem }
  header strong { font-size: 1.05rem }
  h1 { font-size: 1.7rem; margin: .4rem 0 1.2rem; text-wrap: balance }
  h2 { font-size: 1.15rem; margin: 2rem 0 .6rem }
  a { color: var(--link) }
  ul.cards { list-style: none; margin: 0; padding: 0; display: grid; gap: .8rem; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)) }
  ul.cards a { display: block; height: 100%; box-sizing: border-box; padding: 1rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--card); text-decoration: none; color: inherit }
  ul.cards a:hover, ul.cards a:focus-visible { outline: 2px solid var(--link); outline-offset: 1px }
  ul.cards b { display: block; color: var(--link) }
  ul.cards a.grey { filter: grayscale(1); border-style: dashed }
  table { border-collapse: collapse; width: 100% }
  td, th { text-align: left; padding: .45rem .3rem; border-bottom: 1px solid var(--line) }
  .made { border: 2px solid var(--link); border-radius: .6rem; padding: 0 1rem; background: var(--card) }
  code { font-size: 1.15rem; overflow-wrap: anywhere; user-select: all }
  input, button { font: inherit; padding: .4rem .6rem; max-width: 100%; box-sizing: border-box }
  label { display: block }
  .down { font-weight: 700 }
  .code svg { width: 11rem; height: auto; background: #fff; padding: .5rem; border-radius: .4rem }
`;

export interface PageFrame {
  cloud: Cloud;
  language: Language;
  t: TFunction;
}

function page({ cloud, language, t }: PageFrame, title: string, body: Html, { loggedIn = true } = {}): Html {
  const out = html`<a href="${cloud.logout}">${t('logOut')}</a>`;
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${cloud.name}</title>
<style>${raw(style)}</style>
</head>
<body>
<header><strong><a href="/">${cloud.name}</a></strong>${loggedIn ? out : ''}</header>
<main><h1>${title}</h1>${body}</main>
</body>
</html>`;
}

const card = (url: string, title: string, text: string, grey = ''): Html =>
  html`<li><a href="${url}"${grey && raw(' class="grey"')}><b>${title}${grey && ` (${grey})`}</b>${text}</a></li>`;

export function homePage(frame: PageFrame, visitor: Visitor): Html {
  const { cloud, language, t } = frame;
  const isAdmin = visitor.groups.includes('admins');
  const services = cloud.services.map(({ url, title, summary, stub }) =>
    card(url, title, summary[language], stub ? t('stub') : ''),
  );
  return page(
    frame,
    t('hello', { name: visitor.name }),
    html`<h2>${t('yourServices')}</h2>
${services.length > 0 ? html`<ul class="cards">${services}</ul>` : html`<p>${t('noServices')}</p>`}
<h2>${t('yourLogin')}</h2>
<ul class="cards">
${card(cloud.account, t('account'), t('accountText'))}
${cloud.mail ? card('/mail', t('mail'), t('mailText')) : ''}
${card('/app-passwords', t('appPasswords'), t('appPasswordsText'))}
${card('/help', t('help'), t('helpText'))}
${isAdmin ? card('/status', t('status'), cloud.name) : ''}
</ul>`,
  );
}

/** `outcome`: the app password that was just created, or why none was. */
export function appPasswordsPage(
  frame: PageFrame,
  visitor: Visitor,
  there: AppPassword[],
  outcome?: { label: string; text: string } | 'full' | 'unnamed',
): Html {
  const { cloud, language, t } = frame;
  const made =
    typeof outcome === 'object'
      ? html`<section class="made" role="status"><h2>${t('appPasswordsMade', outcome)}</h2><p><code>${outcome.text}</code></p>
<p>${t('appPasswordsOnce', { name: visitor.name })}</p></section>`
      : outcome
        ? html`<p role="alert">${t(outcome === 'full' ? 'appPasswordsFull' : 'appPasswordsUnnamed')}</p>`
        : '';
  const rows = there.map(
    ({ id, label, made: at }) => html`<tr><th scope="row">${label}</th>
<td>${new Date(at).toLocaleDateString(language, { dateStyle: 'medium' })}</td>
<td><form method="post" action="/app-passwords/remove"><input type="hidden" name="id" value="${id}">
<button aria-label="${t('appPasswordsRemoveNamed', { label })}">${t('appPasswordsRemove')}</button></form></td></tr>`,
  );
  const services = cloud.appPasswordsFor.join(', ');
  const own = html`<h2>${t('appPasswordsFor', { services })}</h2>
${there.length > 0 ? html`<table>${rows}</table>` : html`<p>${t('appPasswordsNoneYet')}</p>`}
<form method="post" action="/app-passwords"><p><label for="label">${t('appPasswordsLabel')}</label>
<input id="label" name="label" required maxlength="60" autocomplete="off"> <button>${t('appPasswordsMake')}</button></p></form>`;
  const git = html`<h2>git</h2><p>${t('appPasswordsHow')}</p><p><a href="${cloud.gitTokens}">${t('appPasswordsGit')}</a></p>`;
  const none = cloud.appPasswordsFor.length === 0 && !cloud.gitTokens;
  return page(
    frame,
    t('appPasswords'),
    html`${made}<p>${t(none ? 'appPasswordsNone' : 'appPasswordsText')}</p>
${cloud.appPasswordsFor.length > 0 || there.length > 0 ? own : ''}${cloud.gitTokens ? git : ''}`,
  );
}

/** How to set up a mail program. The code leads a phone to this page, where everything can be copied. */
export function mailPage(frame: PageFrame, { name }: Visitor, mail: NonNullable<Cloud['mail']>): Html {
  const { cloud, t } = frame;
  const { host } = mail;
  const row = (what: string, value: string, more = ''): Html =>
    html`<tr><th scope="row">${what}</th><td><code>${value}</code>${more && ` ${more}`}</td></tr>`;
  const addresses = mail.domains.map((domain) => html`<li><code>${`${name}@${domain}`}</code></li>`);
  return page(
    frame,
    t('mail'),
    html`${cloud.webmail ? html`<p><a href="${cloud.webmail}">${t('mailInBrowser')}</a></p>` : ''}
<h2>${t('mailAddresses')}</h2><ul>${addresses}</ul>
<h2>${t('mailSetUp')}</h2><p>${t('mailSetUpHow')} <a href="/app-passwords">${t('appPasswords')}</a></p>
<h2>${t('mailByHand')}</h2>
<table>${row(t('mailIn'), host, t('mailPort', { port: 993, security: 'SSL/TLS' }))}
${mail.pop3 ? row(t('mailInPop3'), host, t('mailPort', { port: 995, security: 'SSL/TLS' })) : ''}
${row(t('mailOut'), host, t('mailPort', { port: 465, security: 'SSL/TLS' }))}
${row(t('mailOutOlder'), host, t('mailPort', { port: 587, security: 'STARTTLS' }))}
${row(t('mailUser'), name)}</table>
<h2>${t('mailPhone')}</h2><p>${t('mailPhoneHow')}</p>
<p class="code">${raw(renderSVG(`${cloud.origin}/mail`, { border: 2 }))}</p>`,
  );
}

/** Public, because the users who need it can't log in. So it has nothing that strangers should not see. */
export function helpPage(frame: PageFrame): Html {
  const { cloud, t } = frame;
  const { owner } = cloud;
  return page(
    frame,
    t('help'),
    html`<h2>${t('forgotten')}</h2><p>${t('forgottenHow', { owner })}</p>
<h2>${t('lost')}</h2><p>${t('lostHow', { owner })}</p>
<h2>${t('stolen')}</h2><p>${t('stolenHow', { owner })} <a href="${cloud.account}">${t('account')}</a></p>`,
    { loggedIn: false },
  );
}

/** Where a user arrives after logging out. */
export const loggedOutPage = (frame: PageFrame): Html =>
  page(frame, frame.t('loggedOut'), html`<p><a href="/">${frame.t('logInAgain')}</a></p>`, {
    loggedIn: false,
  });

export function statusPage(frame: PageFrame, status: Status | undefined): Html {
  const { cloud, language, t } = frame;
  const help = html`<h2>${t('forAdmins')}</h2><p>${t('forAdminsHow')}</p>`;
  if (!status) return page(frame, t('status'), html`<p>${t('statusNone')}</p>${help}`);
  const rows = status.services.map(
    ({ id, state }) =>
      html`<tr><th scope="row">${cloud.titles[id] ?? id}</th><td class="${state}">${t(state)}</td></tr>`,
  );
  const at = new Date(status.at).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'long' });
  return page(frame, t('status'), html`<p>${t('statusAt', { at })}</p><table>${rows}</table>${help}`);
}

/** `owner`: the person to tell, for problems that waiting may not solve. */
export const messagePage = (frame: PageFrame, text: string, owner?: string): Html =>
  page(
    frame,
    text,
    html`${owner ? html`<p>${frame.t('troubleHow', { owner })}</p>` : ''}<p><a href="/">${frame.t('back')}</a></p>`,
  );
