import { releaseHash } from '../../../core/release/release.ts';
import { type Rule, unless } from '../rule.ts';

export const releaseRules: Rule[] = [
  {
    id: 'same-release',
    check: ({ render, bundle }) =>
      unless(
        releaseHash(render({})) === releaseHash(bundle),
        'The same input gives two different releases. files() must not use the clock, chance or the machine.',
      ),
  },
];
