import { dnsProviderFacts } from '../../components/dns-providers.ts';
import { checkAnswer } from '../../core/config/config-schema.ts';
import { isImplied } from '../../core/config/dependencies.ts';
import { hetznerLocations, hetznerTypes } from '../../core/config/server-types.ts';
import type { Catalogue } from '../../core/service.ts';
import { terminal } from '../output/terminal.ts';

/** The questions of `haven init`, each checked while it is answered. They are asked again to change an answer. */
export const questions = {
  domain: async (): Promise<string> =>
    asDomain(
      await terminal.input('Your domain:', { validate: (typed) => checkAnswer('domain', asDomain(typed)) }),
    ),
  dns: (): Promise<string> =>
    terminal.select(
      'Where is its DNS managed?',
      dnsProviderFacts.map(({ id, title }) => ({ value: id, name: title })),
    ),
  name: async (): Promise<string> => {
    const validate = (typed: string) => typed.trim() !== '' || 'A name is required.';
    return (await terminal.input('Your name:', { validate })).trim();
  },
  email: async (domain: string): Promise<string> =>
    (
      await terminal.input(
        `Your email address (not on ${domain}, so that you can read it when the cloud is down):`,
        { validate: (typed) => checkEmail(typed.trim(), domain) },
      )
    ).trim(),
  /** Ticked are those that run, or all where none runs yet. */
  services: (catalogue: Catalogue, running?: string[]): Promise<string[]> =>
    terminal.choose(
      'Which services?',
      [...catalogue.values()]
        .map(({ definition }) => definition)
        .filter((each) => !isImplied(each))
        .map(({ id, title, summary }) => ({
          value: id,
          name: `${summary} (${title})`,
          short: title,
          checked: running?.includes(id) ?? true,
        })),
    ),
  location: (): Promise<string> =>
    terminal.select(
      'Where should the server be?',
      Object.entries(hetznerLocations).map(([value, place]) => ({ value, name: `${place} (${value})` })),
    ),
  /** Of these types only, if some are named. */
  type: (now?: string, only = Object.keys(hetznerTypes)): Promise<string> =>
    terminal.select(
      'How large?',
      Object.entries(hetznerTypes)
        .filter(([value]) => only.includes(value))
        .map(([value, each]) => ({
          value,
          name: `${value}: ${each.cores} cores, ${each.memoryGb} GB of memory`,
        })),
      now,
    ),
  disk: async (nowGb?: number): Promise<number> =>
    asGb(
      await terminal.input('Size of the volume for all data, in GB (it can grow later, not shrink):', {
        default: String(nowGb ?? 20),
        validate: (typed) => checkDisk(typed, nowGb),
      }),
    ),
};

/** A domain as people type it, or copy it from a browser. */
export const asDomain = (typed: string): string =>
  typed
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[/.]+$/, '');

/** True, or why the owner would not get alarms at this address. */
export function checkEmail(typed: string, domain: string): string | true {
  const checked = checkAnswer('email', typed);
  if (checked !== true || !`.${typed.split('@')[1]}`.toLowerCase().endsWith(`.${domain}`)) return checked;
  return `"${typed}" is on ${domain}: you could not read it while the cloud is down. Use an address elsewhere.`;
}

/** `100`, or `100 GB`. */
const asGb = (typed: string): number => Number(typed.trim().replace(/\s*(gb|gib|g)$/i, ''));

function checkDisk(typed: string, nowGb = 0): string | true {
  const size = asGb(typed);
  if (Number.isNaN(size)) return `"${typed}" is not a size (for example: 20 GB).`;
  if (size < nowGb) return `A volume can't shrink, and it has ${nowGb} GB.`;
  return checkAnswer('disk', size);
}
