import { type Rule, unless } from '../rule.ts';

export const accessRules: Rule[] = [
  {
    id: 'one-way-in',
    check: ({ definition: { needs = {}, provides, publicBecause } }) => {
      if (!needs.route || provides === 'login') return [];
      const takesAppPasswords = needs.ldap === 'readers' && !needs.login;
      const ways = [needs.login, needs.authProxy, publicBecause, takesAppPasswords].filter(Boolean);
      return unless(
        ways.length === 1,
        `A service on the web has exactly one of needs.login, needs.authProxy, needs.ldap: 'readers', publicBecause. This one has ${ways.length}.`,
      );
    },
  },
];
