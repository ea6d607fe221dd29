import { z } from 'zod';
import type { Bundle } from '../../../core/release/release.ts';
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

/** Values of which at least one is another one than the default, whatever the option is. */
const values = [
  ...[true, false, 'another', 'direct', 1, 24, 100, '192.0.2.53', ['example.net']],
  { host: 'smtp.example.net', user: 'ada' },
];

/** Is it in the compose file, or does another value give other files, or another release? */
function changesRelease({ compose, render, bundle, definition }: Subject, name: string): boolean {
  if (compose.includes(`\${${optionVariable(name)}`)) return true;
  const others = values.filter((value) => definition.options.safeParse({ [name]: value }).success);
  // As a variable it only changes what the compose file uses of it.
  const without = ({ files, release: { variables: _, ...release } }: Bundle) =>
    JSON.stringify({ files, release });
  return others.some((value) => without(render({ [name]: value })) !== without(bundle));
}
