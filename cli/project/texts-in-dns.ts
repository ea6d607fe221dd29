import { openZones } from '../../components/dns-providers.ts';
import { type TextKind, textsIn } from '../../core/mail/existing-texts.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { ProblemsError } from '../../core/problem.ts';
import { lookUp } from '../../system/look-up.ts';

/**
 * What texts of a kind say at names in zones whose DNS provider can't be read, by name: as DNS answers now. Once the owner
 * has entered ours, that is what it answers, and nothing is added. Throws where DNS does not answer: of two such texts
 * none counts.
 */
export async function textsInDns(
  kind: TextKind,
  { zones, records }: Pick<Plan, 'zones' | 'records'>,
  environment: Record<string, string>,
  ask = lookUp,
): Promise<Map<string, string[]>> {
  const readable = openZones(zones, environment);
  const ours = textsIn(
    kind,
    records.filter(({ zone }) => !readable.has(zone)),
  );
  const found = await Promise.all(
    [...ours].map(async ([name, text]) => {
      const answers = await ask(name, 'TXT').catch((error: Error) => {
        throw silent(name, error);
      });
      return [name, answers.map((each) => kind.beside(text, each)).reduce(kind.join, [])] as const;
    }),
  );
  return new Map(found.filter(([, said]) => said.length > 0));
}

const silent = (name: string, { message }: Error): ProblemsError =>
  new ProblemsError(
    [
      {
        where: `DNS ${name} TXT`,
        what: `can't be looked up (${message}), so it is not known whether you have a record there. Nothing was changed.`,
        remedy: 'Check that this computer is online, then run the command again.',
      },
    ],
    'unreachable',
  );
