// A true login by OpenID Connect, so that the service is let in at all. It keeps each token that it gets.
const { randomBytes } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { ask } = require('./ask.cjs');
const { loot } = require('./loot.cjs');

const { HOST, LOGIN_ISSUER, LOGIN_CLIENT, LOGIN_ADMINS, LOGIN_SECRET_FILE } = process.env;
const back = `https://${HOST}/callback`;
const sessions = new Map();

const login = {
  begin(response) {
    const query = new URLSearchParams({
      client_id: LOGIN_CLIENT,
      response_type: 'code',
      scope: 'openid profile email groups',
      redirect_uri: back,
    });
    response.writeHead(302, { location: `${LOGIN_ISSUER}/protocol/openid-connect/auth?${query}` }).end();
  },

  async callback(request, response) {
    const answer = await ask(`${LOGIN_ISSUER}/protocol/openid-connect/token`, {
      form: {
        grant_type: 'authorization_code',
        code: new URL(request.url, back).searchParams.get('code'),
        redirect_uri: back,
        client_id: LOGIN_CLIENT,
        client_secret: readFileSync(LOGIN_SECRET_FILE, 'utf8').trim(),
      },
    });
    if (answer.status !== 200) throw new Error(`the login answers ${answer.status}: ${answer.body}`);
    const tokens = JSON.parse(answer.body);
    const user = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url').toString());
    loot.tokens.push({ sub: user.sub, name: user.preferred_username, ...tokens });
    const session = randomBytes(16).toString('hex');
    sessions.set(session, { admin: (user.groups ?? []).includes(LOGIN_ADMINS) });
    response
      .writeHead(302, { location: '/me', 'set-cookie': `session=${session}; Path=/; Secure; HttpOnly` })
      .end();
  },

  page({ headers }, response, role) {
    const session = sessions.get(/\bsession=(\w+)/.exec(headers.cookie ?? '')?.[1]);
    const status = !session ? 401 : role === 'admin' && !session.admin ? 403 : 200;
    response.writeHead(status).end('welcome');
  },
};

module.exports = { login };
