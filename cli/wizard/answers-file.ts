import { parseDocument } from 'yaml';
import { issueText, sentence } from '../../core/config/issue-text.ts';
import { type Problem, ProblemsError, suggest } from '../../core/problem.ts';
import { readText } from '../../system/whole-file.ts';
import { systemProblem } from '../output/system-problem.ts';
import { answersSchema, type GivenAnswers } from './draft.ts';

/** The answers in a YAML or JSON file (`domain: example.org`), by the names of the flags; reports all problems at once. */
export function loadAnswers(file: string): GivenAnswers {
  const value = read(file);
  const parsed = answersSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue): Problem[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        where: file,
        what: `${key}: there is no such answer.`,
        remedy: suggest(key, Object.keys(answersSchema.shape)),
      }));
    const name = issue.path.join('.');
    const given = (value as Record<string, unknown> | null)?.[String(issue.path[0])];
    return [
      { where: file, what: sentence(`${name ? `${name}: ` : ''}${issueText(issue, given)}`), remedy: '' },
    ];
  });
  throw new ProblemsError(problems, 'usage');
}

function read(file: string): unknown {
  const refuse = (what: string, remedy: string) =>
    new ProblemsError([{ where: file, what, remedy }], 'usage');
  let text: string;
  try {
    text = readText(file);
  } catch (error) {
    const why = systemProblem(error as Error)?.what ?? 'it does not exist.';
    throw refuse(`can't be read: ${why}`, 'Check the name after --answers.');
  }
  const document = parseDocument(text, { prettyErrors: false });
  const [error] = document.errors;
  if (error) throw refuse(`is not valid YAML: ${error.message}.`, 'Fix this file.');
  const value = document.toJS() as unknown;
  // One service needs no list.
  return isObject(value) && typeof value.service === 'string'
    ? { ...value, service: [value.service] }
    : value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
