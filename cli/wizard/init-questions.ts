import { randomInt } from 'node:crypto';
import { dnsProviderFacts } from '../../components/dns-providers.ts';
import { checkAnswer } from '../../core/config/config-schema.ts';
import { isImplied } from '../../core/config/dependencies.ts';
import type { InitAnswers } from '../../core/config/render-config.ts';
import { hetznerLocations, hetznerTypes } from '../../core/config/server-types.ts';
import { ProblemsError } from '../../core/problem.ts';
import type { Catalogue } from '../../core/service.ts';
import { terminal } from '../output/terminal.ts';
import { type Draft, loadDraft, saveDraft } from './draft.ts';

/** Answers that were given as flags. */
export interface GivenAnswers {
  id?: string | undefined;
  domain?: string | undefined;
  dns?: string | undefined;
  'owner-name'?: string | undefined;
  'owner-email'?: string | undefined;
  'time-zone'?: string | undefined;
  type?: string | undefined;
  location?: string | undefined;
  disk?: number | undefined;
  service?: string[] | undefined;
}

/**
 * All answers of `haven init`: from flags, from an earlier start that was interrupted, by asking, or by default. Each answer
 * is kept as soon as it is given. Throws with all flags that are missing where nobody can be asked.
 */
export async function askInit(
  given: GivenAnswers,
  { directory, catalogue, mayAsk }: { directory: string; catalogue: Catalogue; mayAsk: boolean },
): Promise<InitAnswers> {
  const draft: Draft = mayAsk ? loadDraft(directory) : {};
  const missing: string[] = [];
  const ask = async <T extends string | number | string[]>(
    flag: keyof GivenAnswers,
    question: () => Promise<T>,
    byDefault?: T,
  ): Promise<T> => {
    const known = (given[flag] ?? draft[flag]) as T | undefined;
    if (known !== undefined) return known;
    if (mayAsk) {
      const answer = await question();
      draft[flag] = answer;
      saveDraft(directory, draft);
      return answer;
    }
    if (byDefault !== undefined) return byDefault;
    missing.push(flag);
    return undefined as unknown as T;
  };

  const domain = asDomain(
    (await ask('domain', () =>
      terminal.input('Your domain:', { validate: (typed) => checkAnswer('domain', asDomain(typed)) }),
    )) ?? '',
  );
  const dns = await ask('dns', () =>
    terminal.select(
      'Where is its DNS managed?',
      dnsProviderFacts.map(({ id, title }) => ({ value: id, name: title })),
    ),
  );
  const name = (
    (await ask('owner-name', () =>
      terminal.input('Your name:', { validate: (typed) => typed.trim() !== '' || 'A name is required.' }),
    )) ?? ''
  ).trim();
  const email = await ask('owner-email', () =>
    terminal.input(`Your email address (not on ${domain}, so that you can read it when the cloud is down):`, {
      validate: (typed) => checkEmail(typed.trim(), domain),
    }),
  );
  const services = await ask('service', () => terminal.choose('Which services?', serviceChoices(catalogue)), [
    'website',
  ]);
  const location = await ask(
    'location',
    () =>
      terminal.select(
        'Where should the server be?',
        Object.entries(hetznerLocations).map(([value, place]) => ({ value, name: `${place} (${value})` })),
      ),
    'fsn1',
  );
  const type = await ask(
    'type',
    () =>
      terminal.select(
        'How large?',
        Object.entries(hetznerTypes).map(([value, each]) => ({
          value,
          name: `${value}: ${each.cores} cores, ${each.memoryGb} GB of memory`,
        })),
      ),
    'cx23',
  );
  const diskGb = await ask(
    'disk',
    async () =>
      asGb(
        await terminal.input('Size of the volume for all data, in GB (it can grow later, not shrink):', {
          default: '20',
          validate: checkDisk,
        }),
      ),
    20,
  );
  if (missing.length > 0)
    throw new ProblemsError(
      missing.map((flag) => ({
        where: 'haven init',
        what: `--${flag} is missing, and this is not a terminal, so haven can't ask.`,
        remedy: `Add --${flag}.`,
      })),
      'usage',
    );
  const emailProblem = checkEmail(email.trim(), domain);
  if (emailProblem !== true)
    throw new ProblemsError([{ where: '--owner-email', what: emailProblem, remedy: '' }], 'usage');
  return {
    id: given.id ?? newId(domain),
    domain,
    dns,
    owner: { name, email: email.trim() },
    timeZone: given['time-zone'] ?? (Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'),
    type,
    location,
    diskGb,
    // As people write lists: gitea,website.
    services: services.flatMap((each) => each.split(',')).filter(Boolean),
  };
}

const serviceChoices = (catalogue: Catalogue) =>
  [...catalogue.values()]
    .map(({ definition }) => definition)
    .filter((each) => !isImplied(each))
    .map(({ id, title, summary }) => ({
      value: id,
      name: `${summary} (${title})`,
      short: title,
      checked: true,
    }));

/** A domain as people type it, or copy it from a browser. */
const asDomain = (typed: string): string =>
  typed
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[/.]+$/, '');

/** `100`, or `100 GB`. */
const asGb = (typed: string): number => Number(typed.trim().replace(/\s*(gb|gib|g)$/i, ''));

function checkDisk(typed: string): string | true {
  const size = asGb(typed);
  return Number.isNaN(size) ? `"${typed}" is not a size (for example: 20 GB).` : checkAnswer('disk', size);
}

function checkEmail(typed: string, domain: string): string | true {
  const checked = checkAnswer('email', typed);
  if (checked !== true || !`.${typed.split('@')[1]}`.endsWith(`.${domain}`)) return checked;
  return `"${typed}" is on ${domain}: you could not read it while the cloud is down. Use an address elsewhere.`;
}

/** A name of its own for each cloud, by its domain. */
function newId(domain: string): string {
  const label = domain
    .split('.')[0]!
    .replaceAll(/[^a-z0-9-]/g, '')
    .replace(/^[^a-z]+/, '')
    .slice(0, 20);
  return `${label || 'haven'}-${randomInt(1000, 10_000)}`;
}
