// Takes rows over HTTP. A row answered with 200 has been committed by Postgres; that is the promise under test.
// BEHAVIOUR makes it a release that must not survive: `exit`, `hang` (a migration that never ends), `destroy` (a
// migration that deletes rows and then fails), `sick` (runs, but never says that it is healthy), `leak` (tries to
// send rows out while it is in trial).
const { readFileSync } = require('node:fs');
const { createServer, get } = require('node:http');
const { Pool } = require('pg');

const behaviour = process.env.BEHAVIOUR ?? 'good';
const password = readFileSync('/run/secrets/db-password', 'utf8');
const pool = new Pool({ host: 'db', user: 'ledger', database: 'ledger', password, max: 8 });
pool.on('error', (error) => console.error(`a connection was lost: ${error.message}`));
let ready = false;
// As the first process of a container it gets no default handlers.
process.on('SIGTERM', () => process.exit(0));

async function migrate() {
  for (;;) {
    try {
      await pool.query(
        'create table if not exists rows (id text primary key, at timestamptz not null default now())',
      );
      break;
    } catch (error) {
      console.error(`waiting for the database: ${error.message}`);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
  if (behaviour === 'hang') {
    console.log('migration 2: rewriting the table');
    await pool.query('begin; lock table rows in access exclusive mode; select pg_sleep(3600)');
  }
  if (behaviour === 'destroy') {
    console.log('migration 2: dropping what looks old');
    await pool.query('delete from rows; create table if not exists wreckage (x int)');
    console.error('migration 2 failed: column "nonsense" does not exist');
    process.exit(3);
  }
  if (behaviour === 'exit') {
    console.error('bad option: BEHAVIOUR=exit is not understood');
    process.exit(2);
  }
  if (behaviour === 'sick') return;
  ready = true;
  console.log(`ledger ${process.env.VERSION} ready`);
}

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://ledger');
  const answer = (status, text) => response.writeHead(status).end(text);
  try {
    if (url.pathname === '/health') return answer(ready ? 200 : 503, ready ? 'ok' : 'not ready');
    if (url.pathname === '/version') return answer(200, process.env.VERSION);
    if (url.pathname === '/seen-from') return answer(200, request.headers['x-forwarded-for'] ?? 'nobody');
    if (url.pathname === '/reach') return reach(url.searchParams.get('url'), answer);
    if (!ready) return answer(503, 'not ready');
    if (request.method === 'POST' && url.pathname === '/rows') {
      await pool.query('insert into rows (id) values ($1) on conflict do nothing', [
        url.searchParams.get('id'),
      ]);
      return answer(200, 'kept');
    }
    if (url.pathname === '/rows') {
      const { rows } = await pool.query('select id from rows');
      return answer(200, rows.map((row) => row.id).join('\n'));
    }
    return answer(404, 'nothing here');
  } catch (error) {
    return answer(500, error.message);
  }
}).listen(8080, '::');

/** Tries to open a connection from inside the container: the trial's isolation is judged by it. */
function reach(target, answer) {
  const asked = get(target, { timeout: 1500 }, (got) => answer(200, `reached ${got.statusCode}`));
  asked.on('timeout', () => asked.destroy(new Error('no answer')));
  asked.on('error', (error) => answer(502, `not reached: ${error.message}`));
}

migrate();
