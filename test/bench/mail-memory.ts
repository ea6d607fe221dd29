import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { trustFile } from '../../core/release/compose.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { makeSigningKey, signToken } from '../support/login-token.ts';
import { closeMailLab, domains, host, onServer, openMailLab, server, stranger } from '../support/mail-lab.ts';
import { addMailUsers, passwordOf } from '../support/mail-users.ts';
import type { Figure } from './figure.ts';
import { mustOnVisitor, startSink } from './visitor-programs.ts';

/** How long it works before its memory counts. */
const minutes = Number(process.env.HAVEN_MAIL_MINUTES ?? 60);
const names = Array.from({ length: 20 }, (_, n) => `user${n}`);
const webmailHost = 'webmail.cloud.example';
/** Both have their part of it: Dovecot in every session of webmail. */
const goalMb = 400;

/** What firm.py did. */
interface Work {
  received: number;
  sent: number;
  pages: number;
  fetched: number;
  seconds: number;
  failures: string[];
}

/**
 * Memory of mail and webmail, without ClamAV, at rest and after an hour at work for a firm of twenty in a hurry: twenty mail programs
 * that wait for email and fetch it, and each second an email from elsewhere, one to elsewhere and a page of webmail
 * (test/support/mail-visitor/firm.py). The options are the default ones. Webmail's sessions are made here, with tokens as the login
 * gives them, because the login is not in this lab.
 */
export async function benchMailMemory(): Promise<Figure[]> {
  await openMailLab('bench-memory', 86, ['webmail']);
  try {
    await addMailUsers(names);
    await deployWebmail();
    const sessions = await openSessions();
    const atRest = await memory();
    const users = names.map((name) => ({
      ...{ name, address: `${name}@${domains[0]}`, password: passwordOf(name), session: sessions.id(name) },
    }));
    const webmail = { host: webmailHost, secret: sessions.secret, slotSeconds: 1800 };
    // A minute more, so that it is at work when its memory is measured for the last time.
    const order = { host: server.ipv4, stranger, minutes: minutes + 1, users, webmail };
    await startSink();
    const [work, atWork] = await Promise.all([
      mustOnVisitor(['firm.py', JSON.stringify(order)], (minutes + 11) * 60_000).then(
        (text): Work => JSON.parse(text),
      ),
      eachMinute(),
    ]);
    const most = atWork.toSorted((a, b) => sumOf(b) - sumOf(a))[0]!;
    return [
      memoryFigure('at rest', atRest),
      memoryFigure(`after ${minutes} minutes`, atWork.at(-1)!),
      memoryFigure('when it was most, of one look a minute', most),
      workFigure(work),
    ];
  } finally {
    await closeMailLab();
  }
}

const key = makeSigningKey('bench');

/** Webmail as it is, but that the agent does not tell a login of it. Its server trusts the certificate of mail. */
async function deployWebmail(): Promise<void> {
  await server.makeCertificate(webmailHost);
  const keys = '/srv/haven/login-keys/mail/webmail/ES256';
  await onMachine(server.id, ['sh', '-c', `mkdir -p ${keys} && cat > ${keys}/${key.id}`], { input: key.pem });
  const { login: _, ...release } = server.bundle('webmail').release;
  const { outcome, entries } = await server.apply({ ...server.bundle('webmail'), release });
  assert.equal(outcome, 'committed', JSON.stringify(entries));
  // The agent makes this file with each deploy.
  await onServer('sh', '-c', `openssl x509 -in /srv/haven/certs/${host}/tls.pem >> ${trustFile}`);
}

/** A session in Roundcube's database for each user, as a login leaves it. */
async function openSessions(): Promise<{ id: (name: string) => string; secret: string }> {
  const secret = 'secret-of-the-bench';
  const id = (name: string) => `session-of-${name}`;
  const lasts = (minutes + 60) * 60;
  const until = Math.floor(Date.now() / 1000) + lasts;
  const tokens = Object.fromEntries(
    names.map((name) => [name, signToken(key, { ...claims(name), exp: until })]),
  );
  const script = `
    define("INSTALL_PATH", "/var/lib/roundcube/");
    require INSTALL_PATH . "program/include/clisetup.php";
    $rcmail = rcmail::get_instance();
    $db = new PDO("sqlite:/data/roundcube.db", null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
    foreach (json_decode(stream_get_contents(STDIN), true) as $name => $token) {
      $db->prepare("INSERT INTO users (username, mail_host, language) VALUES (?, 'dovecot', 'en_US')")->execute([$name]);
      $vars = ["language" => "en_US", "user_id" => (int) $db->lastInsertId(), "username" => $name, "storage_host" => "dovecot",
        "storage_port" => 1144, "storage_ssl" => "tls", "password" => $rcmail->encrypt("Bearer $token"), "login_time" => time(),
        "timezone" => "UTC", "auth_secret" => "${secret}", "oauth_token" => ["expires" => ${until}, "auth_type" => "XOAUTH2"]];
      $text = "";
      foreach ($vars as $key => $value) $text .= "$key|" . serialize($value);
      $db->prepare("INSERT INTO session (sess_id, changed, ip, vars) VALUES (?, datetime('now'), '127.0.0.1', ?)")
        ->execute(["session-of-$name", base64_encode($text)]);
    }`;
  await onMachine(server.id, ['docker', 'exec', '-i', 'haven-webmail-roundcube-1', 'php', '-r', script], {
    input: JSON.stringify(tokens),
  });
  return { id, secret };
}

const claims = (name: string) => ({
  iss: 'https://keycloak.cloud.example/realms/haven',
  aud: 'mail',
  azp: 'webmail',
  scope: 'openid mail email profile',
  sub: `id-of-${name}`,
  preferred_username: name,
});

/** Memory of the processes of mail and webmail, in MB, by container: what is theirs, and their share of what they have in common (PSS). */
async function memory(): Promise<Map<string, number>> {
  const script = `for project in haven-mail haven-webmail; do
    for c in $(docker ps -q --filter label=com.docker.compose.project=$project); do
      sum=0; for pid in $(docker top $c -eo pid | tail -n +2); do
        pss=$(awk '/^Pss:/ {print $2}' /proc/$pid/smaps_rollup 2>/dev/null); sum=$((sum + \${pss:-0})); done
      echo "$(docker inspect -f '{{index .Config.Labels "com.docker.compose.service"}}' $c) $sum"; done; done`;
  const { stdout } = await onServer('bash', '-c', script);
  const lines = stdout.trim().split('\n');
  return new Map(lines.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1]) / 1024]));
}

async function eachMinute(): Promise<Map<string, number>[]> {
  const seen: Map<string, number>[] = [];
  for (let minute = 1; minute <= minutes; minute++) {
    await setTimeout(60_000);
    seen.push(await memory());
  }
  return seen;
}

const sumOf = (seen: Map<string, number>): number => [...seen.values()].reduce((all, each) => all + each, 0);

function memoryFigure(when: string, seen: Map<string, number>): Figure {
  const sum = sumOf(seen);
  return {
    what: `memory of mail and webmail ${when}`,
    ours: `${sum.toFixed(0)} MB`,
    beside: [...seen].map(([name, mb]) => `${name} ${mb.toFixed(0)}`).join(', '),
    limit: {
      text: `at most ${goalMb} MB`,
      holds: seen.has('roundcube') && seen.has('rspamd') && sum <= goalMb,
    },
  };
}

/** Memory counts only beside the work that was done. */
function workFigure({ failures, seconds, ...done }: Work): Figure {
  const fewest = Math.min(done.received, done.sent, done.pages);
  return {
    what: `that work, ${seconds} seconds of it`,
    ours: Object.entries(done)
      .map(([what, count]) => `${what} ${count}`)
      .join(', '),
    beside:
      failures.length === 0
        ? 'nothing failed'
        : `${failures.length} failed: ${failures.slice(0, 5).join('; ')}`,
    limit: {
      text: 'one of each in a second, nothing fails',
      holds: failures.length === 0 && fewest >= seconds - 60,
    },
  };
}
