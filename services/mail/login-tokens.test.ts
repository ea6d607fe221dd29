import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { innerDoors, innerPrograms } from '../../core/mail/inner-doors.ts';
import { dovecotConf } from './dovecot-conf.ts';
import { innerSaslService } from './login-tokens.ts';
import { addresses } from './network.ts';
import { sievePort } from './sieve-submission.ts';

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
const conf = dovecotConf({ domains: ['example.org'], loginHost: 'login.example.org' });

test('the programs that other services reach are containers of it, and listen where those look for them', () => {
  const { services } = parse(read('./compose.yaml')) as { services: Record<string, object> };
  assert.deepEqual(
    innerPrograms.filter((each) => !(each in services)),
    [],
  );
  for (const { port } of [innerDoors.imap, innerDoors.sieve])
    assert.match(conf, new RegExp(`^    port = ${port}$`, 'm'));
  assert.match(
    read('./files/postfix/master.cf'),
    new RegExp(
      `^${innerDoors.submission.port} +inet .*\n(?: .*\n)* {2}-o smtpd_sasl_service=${innerSaslService}$`,
      'm',
    ),
  );
});

test('what filters send goes to a port of Postfix that only Dovecot reaches', () => {
  assert.match(conf, new RegExp(`^submission_host = ${addresses.postfix}:${sievePort}$`, 'm'));
  const [, settings = ''] = read('./files/postfix/master.cf').split(`\n${addresses.postfix}:${sievePort} `);
  const [own = ''] = settings.split(/\n(?! )/);
  for (const which of ['client', 'relay'])
    assert.ok(
      own.includes(
        `smtpd_${which}_restrictions=check_client_access,inline:{{${addresses.dovecot}=OK}},reject\n`,
      ),
      own,
    );
});

test('at those doors no password is tried where passwords are', () => {
  const { port: imap } = innerDoors.imap;
  assert.ok(
    conf.includes(
      `  ldap_bind_userdn = uid=%{user},ou=%{local_port | default('0') | if('~', '^(${imap}|${innerDoors.sieve.port})$', 'no-', '')}%{protocol | if('eq', '${innerSaslService}', 'no-', '')}app-passwords,dc=haven\n`,
    ),
  );
});

test('tokens count only of the login of this cloud', () => {
  assert.match(conf, /^ {2}issuers = https:\/\/login\.example\.org\/realms\/haven$/m);
});
