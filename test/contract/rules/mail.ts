import { type Rule, unless } from '../rule.ts';

/** What the records for mail are made from. */
export const mailRules: Rule[] = [
  {
    id: 'mail-has-domains',
    check: ({ definition: { provides, needs, options } }) =>
      provides === 'mail'
        ? unless(
            needs?.route !== undefined && 'domains' in options.shape,
            'A service that provides mail has needs.route, whose name is the mail server\'s, and an option "domains": MX records are made from both.',
          )
        : [],
  },
  {
    id: 'dkim-is-for-mail',
    check: ({ definition: { provides, needs } }) =>
      unless(
        !needs?.dkim || provides === 'mail',
        "needs.dkim is for a service with provides: 'mail'. There are keys for its domains only.",
      ),
  },
];
