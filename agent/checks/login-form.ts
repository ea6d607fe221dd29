import type { Page } from '../../system/headless-browser.ts';
import { plainText } from '../../system/plain-text.ts';

/**
 * The address that the form of the login posts a password to; undefined when the page is the login's and has no form.
 *
 * Any page can show a form that looks like the login's, and then gets what is typed into it. So the form counts only
 * on a page of the login's own origin (RFC 6454 §4), and only if it posts to that origin. Throws otherwise.
 */
export function loginForm(page: Page, login: string): string | undefined {
  if (new URL(page.url).origin !== login) {
    if (!page.body.includes('kc-form-login')) return undefined;
    throw new Error(
      `it shows a form like that of the login at ${describePage(page)}, but the login is at ${login}. No password was sent. A service that was broken into can do this`,
    );
  }
  const action = /<form[^>]*id="kc-form-login"[^>]*action="([^"]+)"/
    .exec(page.body)?.[1]
    ?.replaceAll('&amp;', '&');
  if (action === undefined) return undefined;
  if (URL.canParse(action, page.url)) {
    const address = new URL(action, page.url);
    if (address.origin === login) return address.href;
  }
  throw new Error(
    `the form at ${describePage(page)} sends the password to "${plainText(action, 100)}", which is not at ${login}. No password was sent`,
  );
}

/** A page in a sentence: its address, status and title. */
export function describePage({ url, status, body }: Page): string {
  const title = /<title>([^<]*)/.exec(body)?.[1];
  const shown = title === undefined ? '' : plainText(title, 80);
  return `${plainText(url.split('?')[0]!, 200)} (${status}${shown ? `, "${shown}"` : ''})`;
}
