/**
 * A TXT record's content as Cloudflare stores it: what is quoted stays as it is, what is not and fits into one string
 * too; one string of more than 255 bytes comes back split (cloudflare-typescript#1777, RFC 1035 §3.3.14).
 */
export function quoteTxt(content: string): string {
  if (content.startsWith('"')) {
    const only = /^"((?:[^"\\]|\\.)*)"$/.exec(content);
    return only && only[1]!.length > 255 ? split(only[1]!) : content;
  }
  return content.length > 255 ? split(content) : content;
}

const split = (text: string): string => (text.match(/.{1,255}/gs) ?? []).map((part) => `"${part}"`).join(' ');

/** The content as a zone file writes it: always quoted. */
export const zoneFileTxt = (content: string): string =>
  content.startsWith('"') ? content : `"${content.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
