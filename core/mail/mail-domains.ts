import { z } from 'zod';

const listed = z.array(z.string());

/** The option `domains` of the service that provides mail; a text in it that is not a list is the service's to refuse. */
const optionOf = ({ domains }: Record<string, unknown>): string[] =>
  (listed.safeParse(domains).data ?? []).map((each) => each.toLowerCase());

/**
 * Domains whose mail a cloud receives: those in the option `domains`, or `own`, the domain of the service's address.
 * All others are left alone.
 */
export function mailDomains(options: Record<string, unknown>, own: string): string[] {
  const domains = optionOf(options);
  return domains.length > 0 ? domains : [own];
}

/** What is wrong with one of them, by its place in the option. Their records must be in one of the cloud's zones. */
export function mailDomainFaults(
  options: Record<string, unknown>,
  zones: { name: string }[],
): { index: number; what: string; remedy: string }[] {
  const domains = optionOf(options);
  return domains.flatMap((domain, index) => {
    if (domains.indexOf(domain) !== index)
      return [{ index, what: `"${domain}" is listed twice.`, remedy: 'Remove one.' }];
    if (zones.some(({ name }) => `.${domain}`.endsWith(`.${name}`))) return [];
    const what = `"${domain}" is in none of your zones (${zones.map(({ name }) => name).join(', ')}).`;
    return [{ index, what, remedy: 'Add it to "domains" at the top of haven.yaml, or remove this line.' }];
  });
}
