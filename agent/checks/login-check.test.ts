import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { checkLogin, type LoginCheck } from './login-check.ts';

/**
 * Services that want the passwords of the login check. Each is a small HTTP server, judged by what it received. The
 * login is one too, so that what reaches it can be counted.
 */
const service = 'https://git.example.org';
const login = 'https://login.example.org';
const users = { root: 'password-of-root', plain: 'password-of-plain' };
type Answer = (request: IncomingMessage, response: ServerResponse, form: URLSearchParams) => void;

/** A server that notes everything it receives: method, address, headers and body, as one text for each request. */
class Recorder {
  readonly received: string[] = [];
  readonly server: Server;
  constructor(answer: Answer) {
    this.server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      this.received.push([request.method, request.url, JSON.stringify(request.headers), body].join(' '));
      answer(request, response, new URLSearchParams(body));
    });
  }
  async port(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }
}

const open: Server[] = [];
after(() => {
  for (const server of open) {
    server.closeAllConnections();
    server.close();
  }
});

const lead = (to: string, response: ServerResponse, status = 302): void =>
  void response.writeHead(status, { location: to }).end();
const formTo = (action: string): string =>
  `<title>Sign in</title><form id="kc-form-login" action="${action}" method="post"><input name="password">`;
const pathOf = (request: IncomingMessage): string => new URL(request.url ?? '/', login).pathname;

/** The login: a form, and a code for the right password. `/out` leads to any address, as a logout page may. */
const honestLogin =
  ({ action = `${login}/authorize`, status = 302 } = {}): Answer =>
  (request, response, form) => {
    response.setHeader('set-cookie', 'LOGIN_SESSION=cookie-of-login; Domain=example.org; Path=/');
    if (pathOf(request) === '/out')
      return lead(new URL(request.url!, login).searchParams.get('to')!, response);
    if (request.method !== 'POST') return void response.end(formTo(action));
    const name = form.get('username') ?? '';
    if (Object.entries(users).every(([each, password]) => each !== name || password !== form.get('password')))
      return void response.end(formTo(action));
    lead(`${service}/callback?code=${name}`, response, status);
  };

/** A service that does what it should, except where `odd` answers. */
const serviceWith =
  (odd: Answer = () => undefined): Answer =>
  (request, response, form) => {
    odd(request, response, form);
    if (response.headersSent) return;
    const session = /session=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
    switch (pathOf(request)) {
      case '/begin':
        return lead(`${login}/authorize`, response);
      case '/callback': {
        const code = new URL(request.url!, service).searchParams.get('code');
        response.setHeader('set-cookie', `session=${code}; Domain=example.org`);
        return lead('/', response);
      }
      case '/admin':
        return void response.writeHead(session === 'root' ? 200 : 403).end();
      default:
        return void response.writeHead(session ? 200 : 401).end('<title>Home</title>');
    }
  };

interface Outcome {
  why: string;
  atService: string[];
  atLogin: string[];
}

/** Runs the check. `why` is empty when it passed. */
async function outcomeOf(
  atService: Answer,
  { atLogin = honestLogin(), check = {}, totalMs = 20_000 }: Partial<Settings> = {},
): Promise<Outcome> {
  const [git, provider] = [new Recorder(atService), new Recorder(atLogin)];
  open.push(git.server, provider.server);
  const ports = { 'git.example.org': await git.port(), 'login.example.org': await provider.port() };
  const pages = [{ path: '/admin', user: 403, admin: 200 }];
  const accounts = {
    admin: { name: 'root', password: users.root },
    user: { name: 'plain', password: users.plain },
  };
  const given = { service: 'gitea', origin: service, login, begin: '/begin', pages, ports, ...accounts };
  const why = await checkLogin({ ...given, ...check }, totalMs).then(
    () => '',
    (error: Error) => error.message,
  );
  return { why, atService: git.received, atLogin: provider.received };
}
interface Settings {
  atLogin: Answer;
  check: Partial<LoginCheck>;
  totalMs: number;
}

const withPassword = (received: string[]): string[] => received.filter((each) => /password-of-/.test(each));
const at =
  (path: string, answer: Answer): Answer =>
  (request, response, form) => {
    if (pathOf(request) === path) answer(request, response, form);
  };

test('each password goes out once, and only to the login', async () => {
  const { why, atService, atLogin } = await outcomeOf(serviceWith());
  assert.equal(why, '');
  assert.deepEqual(withPassword(atService), []);
  assert.deepEqual(
    withPassword(atLogin).map((each) => /^POST \/authorize .*(password-of-\w+)/.exec(each)?.[1]),
    [users.root, users.plain],
  );
});

test('neither the service nor the login gets cookies of the other', async () => {
  const { atService, atLogin } = await outcomeOf(serviceWith());
  assert.equal(atService.filter((each) => /cookie-of-login/.test(each)).length, 0);
  assert.equal(atLogin.filter((each) => /session=(root|plain)/.test(each)).length, 0);
  assert.ok(atService.some((each) => /session=root/.test(each)));
  assert.ok(atLogin.some((each) => /cookie-of-login/.test(each)));
});

test('the form of the login may name its address without the host', async () => {
  const { why } = await outcomeOf(serviceWith(), {
    atLogin: honestLogin({ action: '/authorize?a=1&amp;b=2' }),
  });
  assert.equal(why, '');
});

test('a login that repeats its request at the service gives it no password', async () => {
  for (const status of [307, 308]) {
    const { why, atService } = await outcomeOf(serviceWith(), { atLogin: honestLogin({ status }) });
    assert.equal(why, '');
    assert.deepEqual(withPassword(atService), []);
  }
});

const ownForm =
  /shows a form like that of the login at https:\/\/git\.example\.org\/\S+ .*No password was sent/;
const hostile: { name: string; does: Answer; sentence: RegExp }[] = [
  {
    name: 'serves the form of the login itself',
    does: at('/begin', (_, response) => response.end(formTo(`${service}/steal`))),
    sentence: ownForm,
  },
  {
    name: 'serves the form with an address without a scheme',
    does: at('/begin', (_, response) => response.end(formTo('//git.example.org/steal'))),
    sentence: ownForm,
  },
  {
    name: 'serves the form with a relative address',
    does: at('/begin', (_, response) => response.end(formTo('steal'))),
    sentence: ownForm,
  },
  {
    name: 'serves the form with the address of the login, to log in to a session that it chose',
    does: at('/begin', (_, response) => response.end(formTo(`${login}/authorize`))),
    sentence: ownForm,
  },
  {
    name: 'leads through itself to a form of its own',
    does: (request, response) => {
      if (pathOf(request) === '/begin') lead('/next', response);
      if (pathOf(request) === '/next') response.end(formTo(`${service}/steal`));
    },
    sentence: ownForm,
  },
  {
    name: 'leads through the login back to a form of its own',
    does: (request, response) => {
      if (pathOf(request) === '/begin') lead(`${login}/out?to=${service}/form`, response);
      if (pathOf(request) === '/form') response.end(formTo(`${service}/steal`));
    },
    sentence: ownForm,
  },
  {
    name: 'shows the login in a frame',
    does: at('/begin', (_, response) =>
      response.end(`<title>Frame</title><iframe src="${login}/authorize"></iframe>`),
    ),
    sentence:
      /\/begin does not lead to the login at https:\/\/login\.example\.org, but to https:\/\/git\.example\.org\/begin \(200, "Frame"\)/,
  },
  {
    name: 'leads to the login without encryption',
    does: at('/begin', (_, response) => lead('http://login.example.org/authorize', response)),
    sentence: /shows a form like that of the login at http:\/\/login\.example\.org\/authorize /,
  },
  {
    name: 'leads to a host that has the name of a method',
    does: at('/begin', (_, response) => lead('https://constructor/', response)),
    sentence: /redirects to https:\/\/constructor, which is not part of this login/,
  },
  {
    name: 'leads to an address that is not of the web',
    does: at('/begin', (_, response) => lead('javascript:alert(1)', response)),
    sentence: /redirects to javascript:, which is not part of this login/,
  },
  {
    name: 'leads to an address that is not valid',
    does: at('/begin', (_, response) => lead('https://[', response)),
    sentence: /https:\/\/git\.example\.org\/begin redirects to an address that is not valid/,
  },
  {
    name: 'leads in circles',
    does: at('/begin', (_, response) => lead('/begin', response)),
    sentence: /redirects without end/,
  },
  {
    name: 'answers without end',
    does: at('/begin', (_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    }),
    sentence: /git\.example\.org answers with more than 2 MB/,
  },
  {
    name: 'writes to the terminal by a title',
    does: at('/begin', (_, response) =>
      response.end('<title>\u001b]0;owned\u0007\u001b[2J\u009b1mAll\r\nis well\u202e</title>'),
    ),
    sentence: /\(200, "[^"]*is well"\)/,
  },
];
for (const { name, does, sentence } of hostile)
  test(`a service gets no password when it ${name}`, async () => {
    const { why, atService, atLogin } = await outcomeOf(serviceWith(does));
    assert.match(why, sentence);
    assert.doesNotMatch(why, /[\p{Cc}\p{Cf}]/u);
    assert.deepEqual(withPassword([...atService, ...atLogin]), []);
  });

for (const action of [
  `${service}/steal`,
  '//git.example.org/steal',
  'http://login.example.org/x',
  'https://[',
  'data:x',
])
  test(`the form of the login is not filled in when it leads to ${action}`, async () => {
    const { why, atService, atLogin } = await outcomeOf(serviceWith(), { atLogin: honestLogin({ action }) });
    assert.match(
      why,
      /the form at https:\/\/login\.example\.org\/authorize .* sends the password to .*No password was sent/,
    );
    assert.deepEqual(withPassword([...atService, ...atLogin]), []);
  });

test('a service that shows a form of its own after the login gets no password', async () => {
  const { why, atService, atLogin } = await outcomeOf(
    serviceWith(at('/callback', (_, response) => response.end(formTo(`${service}/steal`)))),
  );
  assert.match(why, /\/admin answers 403 to admin/);
  assert.deepEqual(withPassword(atService), []);
  assert.equal(withPassword(atLogin).length, 1);
});

test('a service that answers slowly is given up on', async () => {
  const began = Date.now();
  const slow = at('/begin', (_, response) => {
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
    response.write('x');
  });
  const { why } = await outcomeOf(serviceWith(slow), { totalMs: 300 });
  assert.match(
    why,
    /git\.example\.org did not finish its answer in time: the login check takes longer than 0\.3 s/,
  );
  assert.ok(Date.now() - began < 5000);
});

test('what a service answers instead of a token is not shown', async () => {
  for (const body of ['\u001b[2J{', 'null', '{"access_token":7}', '{"access_token":"\\u001b[2J"}']) {
    const does: Answer = (request, response) => {
      if (pathOf(request) === '/callback') response.end('ok');
      if (pathOf(request) === '/token') response.end(body);
    };
    const { why, atService } = await outcomeOf(serviceWith(does), {
      check: { exchange: { path: '/token', form: { code: '{code}' } } },
    });
    assert.equal(why, '/token did not return a token for the code: https://git.example.org/token (200)');
    assert.deepEqual(withPassword(atService), []);
  }
});
