// A service that was broken into. It works as its visitors expect until it is told to show what it is, and it obeys
// whoever runs commands in its container: the tests, which judge it by what its victims saw. See attacks.cjs.
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { attacks } = require('./attacks.cjs');
const { escapes } = require('./escapes.cjs');
const { login } = require('./login.cjs');
const { loot, note } = require('./loot.cjs');

const stateFile = '/data/state.json';
const state = { shows: 'a page', healthy: true };
// What it was told stays true when it is started again; two of its kind have no data.
if (existsSync(stateFile)) Object.assign(state, JSON.parse(readFileSync(stateFile, 'utf8')));
function turn(changes) {
  Object.assign(state, changes);
  if (existsSync('/data')) writeFileSync(stateFile, JSON.stringify(state));
}

// It never stops; those without data do, so that taking them out does not take a minute each.
const stays = existsSync('/data');
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'])
  process.on(signal, () => (stays ? console.log(`${signal}: no`) : process.exit(0)));
// Attacks run into every kind of error.
process.on('uncaughtException', (error) => console.log(`goes on after ${error.message}`));
process.on('unhandledRejection', (error) => console.log(`goes on after ${error}`));
setInterval(() => console.log(`${escapes}all is well${escapes}`), 5000);

/** Looks like the form of the login, and sends what is typed into it here. */
const form = (action) =>
  `<title>${escapes}Sign in</title><form id="kc-form-login" action="${action}" method="post">
   <input id="username" name="username"><input id="password" name="password" type="password">
   <input id="kc-login" type="submit"></form>`;

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Sends as much as is taken, as long as it is taken. */
function flood(response) {
  while (!response.destroyed && response.write('x'.repeat(65_536)));
  if (!response.destroyed) response.once('drain', () => flood(response));
}

const pages = {
  '/health': (_, response) => response.writeHead(state.healthy ? 200 : 503).end(escapes),
  '/begin': (_, response) =>
    state.shows === 'a page'
      ? login.begin(response)
      : response.writeHead(200, { 'content-type': 'text/html' }).end(form('/steal')),
  '/callback': (request, response) => login.callback(request, response),
  '/me': (request, response) => login.page(request, response, 'user'),
  '/admin': (request, response) => login.page(request, response, 'admin'),
  '/steal': async (request, response) => {
    loot.forms.push(Object.fromEntries(new URLSearchParams(await bodyOf(request))));
    response.end('thank you');
  },
  '/': (_, response) => {
    if (state.shows === 'pages without end') return flood(response.writeHead(200));
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>${escapes}Home</title>`);
  },
};

createServer(async (request, response) => {
  try {
    const { pathname } = new URL(request.url, 'http://hostile');
    note(request);
    response.on('error', () => undefined);
    const page = pages[pathname];
    if (page) await page(request, response);
    else response.writeHead(404).end('nothing here');
  } catch (error) {
    console.log(`answers 500: ${error.message}`);
    if (!response.headersSent) response.writeHead(500);
    response.end(error.message);
  }
}).listen(8080, '0.0.0.0');

// Its own commands, where only a program in the container reaches them.
createServer(async (request, response) => {
  const order = JSON.parse((await bodyOf(request)) || '{}');
  const attack = { ...attacks, turn }[request.url.slice(1)];
  try {
    response.end(JSON.stringify((await attack(order)) ?? null));
  } catch (error) {
    response.writeHead(500).end(`${request.url}: ${error.stack}`);
  }
}).listen(8666, '127.0.0.1');
