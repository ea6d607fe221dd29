import { variablesOf } from '../../../core/release/variables.ts';
import { each, type Rule } from '../rule.ts';

export const variableRules: Rule[] = [
  {
    id: 'variable-exists',
    check: ({ compose, bundle }) => {
      const given = variablesOf(bundle.release);
      const used = [...compose.matchAll(/(?<!\$)\$\{([A-Z0-9_]+)/g)].map(([, name]) => name!);
      // Images and secrets have rules of their own, which say more.
      return each(
        [...new Set(used)].filter((name) => !/^(IMAGE|SECRET)_/.test(name)),
        (name) => !given.includes(name),
        (name) => `compose.yaml uses \${${name}}, which service.ts does not give. See docs/variables.md.`,
      );
    },
  },
];
