import { each, type Rule, unless } from '../rule.ts';
import { memoryLimit } from './limits.ts';

/** Parts of a service that exist only while an option is on. */
export const optionalRules: Rule[] = [
  {
    id: 'optional-is-off-by-default',
    check: ({ optional, definition: { options } }) =>
      each(
        Object.keys(optional),
        (option) => options.shape[option]?.safeParse(undefined).data !== false,
        (option) =>
          `service.ts has a part "${option}" in \`optional\`. It needs an option of this name that is off by default: z.boolean().default(false).`,
      ),
  },
  {
    id: 'profile-is-optional',
    check: ({ containers, optional }) =>
      each(
        containers.flatMap(({ name, profiles }) => profiles.map((profile) => ({ name, profile }))),
        ({ profile }) => !(profile in optional),
        ({ name, profile }) =>
          `Container "${name}" has the profile "${profile}", which is not in \`optional\` of service.ts, so it would never run. Add that part, or remove the profile.`,
      ),
  },
  {
    id: 'optional-memory',
    check: ({ containers, optional }) =>
      Object.entries(optional).flatMap(([option, { memoryMb = 0 }]) => {
        const sum = containers
          .filter(({ profiles, runsOnce }) => profiles.includes(option) && !runsOnce)
          .reduce((total, container) => total + memoryLimit(container), 0);
        return unless(
          sum === memoryMb,
          `The part "${option}" says memoryMb ${memoryMb}, and the containers with its profile may use ${sum} MB. Write ${sum}.`,
        );
      }),
  },
];
