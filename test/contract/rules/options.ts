import { z } from 'zod';
import { optionVariable } from '../../../core/release/variables.ts';
import { each, type Rule, unless } from '../rule.ts';
import type { Subject } from '../subject.ts';

const schemaOf = ({ definition }: Subject) =>
  z.toJSONSchema(definition.options, { io: 'input' }) as {
    properties?: Record<string, { description?: string }>;
    additionalProperties?: boolean;
  };

/** What an owner may set. That every option has a default shows at once: without one the service is not rendered. */
export const optionRules: Rule[] = [
  {
    id: 'option-described',
    check: (subject) =>
      each(
        Object.entries(schemaOf(subject).properties ?? {}),
        ([, { description }]) => !description,
        ([name]) => `Option "${name}" has no description. Add .describe('...'): docs are made from it.`,
      ),
  },
  {
    id: 'options-strict',
    check: (subject) =>
      unless(
        schemaOf(subject).additionalProperties === false,
        'options must be a z.strictObject, so that a mistyped option is refused.',
      ),
  },
  {
    id: 'option-used',
    check: (subject) =>
      each(
        Object.keys(subject.definition.options.shape),
        (name) => !changesRelease(subject, name),
        (name) =>
          `Option "${name}" changes nothing. Use \${${optionVariable(name)}} in compose.yaml, or the option in files().`,
      ),
  },
];

/** Is it in the compose file, or does another value give other files? */
function changesRelease({ compose, render, bundle, definition }: Subject, name: string): boolean {
  if (compose.includes(`\${${optionVariable(name)}`)) return true;
  const others = [true, false, 'another', 1, 24, 100, '192.0.2.53', ['example.net']].filter(
    (value) => definition.options.safeParse({ [name]: value }).success,
  );
  const files = JSON.stringify(bundle.files);
  return others.some((value) => JSON.stringify(render({ [name]: value }).files) !== files);
}
