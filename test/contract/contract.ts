import type { CatalogueEntry } from '../../core/service.ts';
import type { Rule } from './rule.ts';
import { accessRules } from './rules/access.ts';
import { clientRules } from './rules/client.ts';
import { dataRules } from './rules/data.ts';
import { failedLoginRules } from './rules/failed-logins.ts';
import { identityRules } from './rules/identity.ts';
import { imageRules } from './rules/images.ts';
import { limitRules } from './rules/limits.ts';
import { loginRules } from './rules/login.ts';
import { mailRules } from './rules/mail.ts';
import { networkRules } from './rules/network.ts';
import { optionalRules } from './rules/optional.ts';
import { optionRules } from './rules/options.ts';
import { privilegeRules } from './rules/privileges.ts';
import { releaseRules } from './rules/release.ts';
import { secretRules } from './rules/secrets.ts';
import { uidRules } from './rules/uids.ts';
import { variableRules } from './rules/variables.ts';
import { type Subject, subjectOf, type World } from './subject.ts';

/** What is wrong with a service, and by which rule. */
export interface ContractProblem {
  rule: string;
  sentence: string;
}

const rules: Rule[] = [
  ...identityRules,
  ...optionRules,
  ...optionalRules,
  ...imageRules,
  ...variableRules,
  ...networkRules,
  ...privilegeRules,
  ...accessRules,
  ...loginRules,
  ...mailRules,
  ...failedLoginRules,
  ...clientRules,
  ...limitRules,
  ...secretRules,
  ...dataRules,
  ...uidRules,
  ...releaseRules,
];

/** A service that can't be rendered breaks this rule, and no other can be looked at. */
const renders = 'renders';

export const ruleIds: string[] = [renders, ...rules.map(({ id }) => id)];

/**
 * What every service of the catalogue must hold to: a pure function of its two files and of what it may know of the rest.
 * Nobody writes a test for a service; this is it.
 */
export function contractProblems(entry: CatalogueEntry, world: World): ContractProblem[] {
  let subject: Subject;
  try {
    subject = subjectOf(entry, world);
  } catch (error) {
    return [{ rule: renders, sentence: firstLine(error) }];
  }
  return rules.flatMap(({ id, check }) => check(subject).map((sentence) => ({ rule: id, sentence })));
}

/** Zod's errors are JSON of many lines; the reader needs which option and what. */
function firstLine(error: unknown): string {
  const issue = (error as { issues?: { path: PropertyKey[]; message: string }[] }).issues?.[0];
  const what = issue
    ? `option "${issue.path.join('.')}" has no valid default: ${issue.message}`
    : (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
  return `The service can't be rendered: ${what.replace(/[.:]$/, '')}.`;
}
