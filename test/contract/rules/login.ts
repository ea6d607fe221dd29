import type { ServiceLogin } from '../../../core/service.ts';
import { each, type Rule, unless } from '../rule.ts';
import type { Subject } from '../subject.ts';

/** A rule for services where users log in. */
const ofLogin = (id: string, check: (login: ServiceLogin, subject: Subject) => string[]): Rule => ({
  id,
  check: (subject) => {
    const login = subject.definition.needs?.login;
    return login ? check(login, subject) : [];
  },
});

const pathOf = (address: string): string => address.split(/[?#]/)[0]!;

export const loginRules: Rule[] = [
  ofLogin('login-has-route', (_, { definition }) =>
    unless(definition.needs?.route !== undefined, 'needs.login needs a route: users log in on the web.'),
  ),
  ofLogin('callback-is-path', ({ callback, begin }) =>
    unless(
      /^\/[^?#{]+$/.test(callback) && callback !== pathOf(begin),
      `login.callback is "${callback}". Write the path to which the login leads back: it begins with "/", has no query, and is not where the login begins.`,
    ),
  ),
  ofLogin('begin-is-path', ({ begin }) =>
    unless(
      begin.startsWith('/'),
      `login.begin is "${begin}". Write the path that sends a visitor to the login: it begins with "/".`,
    ),
  ),
  // What the program is told is what the login allows: a difference would show in a deploy only.
  ofLogin('callback-is-the-same', ({ callback }, { containers }) =>
    each(
      containers.flatMap(({ environment }) => Object.entries(environment)),
      ([name, value]) =>
        /REDIRECT|CALLBACK/.test(name) &&
        value.includes('${HOST}/') &&
        value !== `https://\${HOST}${callback}`,
      ([name, value]) => `${name} is ${value}, and login.callback is ${callback}. Give both the same path.`,
    ),
  ),
  ofLogin('login-page-for-users', ({ pages }) =>
    unless(
      pages.some(({ user }) => user === 200),
      'login.pages needs a page that answers 200 to a user, so that the login check sees that they are in.',
    ),
  ),
  ofLogin('login-page-for-admins', ({ pages, noAdmins }) =>
    unless(
      pages.every(({ user, admin }) => user === admin) === (noAdmins !== undefined),
      noAdmins === undefined
        ? 'login.pages needs a page that tells a user from an administrator by its status, or set noAdmins to the reason.'
        : 'login.noAdmins is set, and a page of login.pages answers differently to administrators. Keep one of them.',
    ),
  ),
  ofLogin('admins-are-told', ({ admins }, { compose, files, definition }) => {
    const readsGroup = [compose, ...Object.values(files)].some((text) => text.includes('LOGIN_ADMINS'));
    return unless(
      admins === undefined || readsGroup || definition.userHooks?.setAdmin !== undefined,
      'Nothing tells the program who administers it. Use ${LOGIN_ADMINS} in compose.yaml, add userHooks.setAdmin, or set noAdmins to the reason.',
    );
  }),
  ofLogin('user-hooks', (_, { definition }) =>
    unless(
      definition.userHooks !== undefined,
      'userHooks is missing. A service where users log in needs logOut, disable, enable and remove.',
    ),
  ),
  ofLogin('rename-hook', (_, { definition: { userHooks, renameNotNeeded } }) =>
    unless(
      !userHooks || (userHooks.rename !== undefined) !== Boolean(renameNotNeeded),
      'A renamed user keeps the old name here. Add userHooks.rename, or set renameNotNeeded to the reason (not both).',
    ),
  ),
  {
    id: 'hook-container-exists',
    check: ({ definition, renderedContainers }) =>
      each(
        Object.entries(definition.userHooks ?? {}).flatMap(([hook, steps]) =>
          [steps].flat().map(({ container }) => ({ hook, container })),
        ),
        ({ container }) => !renderedContainers.some(({ name }) => name === container),
        ({ hook, container }) => `userHooks.${hook} runs in container "${container}", which does not exist.`,
      ),
  },
];
