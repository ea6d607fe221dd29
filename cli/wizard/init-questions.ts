import { randomInt } from 'node:crypto';
import type { InitAnswers } from '../../core/config/render-config.ts';
import { ProblemsError } from '../../core/problem.ts';
import type { Catalogue } from '../../core/service.ts';
import { type GivenAnswers, loadDraft, saveDraft } from './draft.ts';
import { asDomain, checkEmail, questions } from './questions.ts';

/**
 * All answers of `haven init`: from flags, from an earlier start that was interrupted, by asking, or by default. Each answer
 * is kept as soon as it is given. Throws with all flags that are missing where nobody can be asked.
 */
export async function askInit(
  given: GivenAnswers,
  { directory, catalogue, mayAsk }: { directory: string; catalogue: Catalogue; mayAsk: boolean },
): Promise<InitAnswers> {
  const draft: GivenAnswers = mayAsk ? loadDraft(directory) : {};
  const missing: string[] = [];
  const ask = async <Flag extends keyof GivenAnswers>(
    flag: Flag,
    question: () => Promise<NonNullable<GivenAnswers[Flag]>>,
    byDefault?: NonNullable<GivenAnswers[Flag]>,
  ): Promise<NonNullable<GivenAnswers[Flag]> | undefined> => {
    const known = given[flag] ?? draft[flag];
    if (known !== undefined) return known;
    if (mayAsk) {
      const answer = await question();
      draft[flag] = answer;
      saveDraft(directory, draft);
      return answer;
    }
    if (byDefault === undefined) missing.push(flag);
    return byDefault;
  };

  const domain = asDomain((await ask('domain', questions.domain)) ?? '');
  const dns = (await ask('dns', questions.dns)) ?? '';
  const name = ((await ask('owner-name', questions.name)) ?? '').trim();
  const email = ((await ask('owner-email', () => questions.email(domain))) ?? '').trim();
  const services = (await ask('service', () => questions.services(catalogue), ['website'])) ?? [];
  const location = (await ask('location', questions.location, 'fsn1')) ?? '';
  const type = (await ask('type', questions.type, 'cx23')) ?? '';
  const diskGb = (await ask('disk', questions.disk, 20)) ?? 0;
  if (missing.length > 0)
    throw new ProblemsError(
      missing.map((flag) => ({
        where: 'haven init',
        what: `--${flag} is missing, and this is not a terminal, so haven can't ask.`,
        remedy: `Add --${flag}.`,
      })),
      'usage',
    );
  const emailProblem = checkEmail(email, domain);
  if (emailProblem !== true)
    throw new ProblemsError([{ where: '--owner-email', what: emailProblem, remedy: '' }], 'usage');
  return {
    id: given.id ?? newId(domain),
    domain,
    dns,
    owner: { name, email },
    timeZone: given['time-zone'] ?? (Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'),
    type,
    location,
    diskGb,
    // As people write lists: gitea,website.
    services: services
      .flatMap((each) => each.split(','))
      .map((each) => each.trim())
      .filter(Boolean),
  };
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
