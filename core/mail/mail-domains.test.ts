import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planMailCloud } from '../../test/support/mail-cloud.ts';
import type { Plan } from '../plan/plan.ts';
import { mailDomains } from './mail-domains.ts';
import { requiredMailboxes } from './mailboxes.ts';

const cloudflare = (name: string) => ({ name, dns: 'cloudflare' });

test('without a list it is the domain of the address', () => {
  for (const options of [{}, { domains: [] }, { domains: 'example.net' }])
    assert.deepEqual(mailDomains(options, 'example.org'), ['example.org']);
  assert.deepEqual(mailDomains({ domains: ['Team.example.org'] }, 'example.org'), ['team.example.org']);
});

test('a plan names the mail server and its domains', () => {
  const pick = ({ mail }: Plan) => ({ host: mail?.host, domains: mail?.domains });
  assert.deepEqual(pick(planMailCloud()), { host: 'mail.example.org', domains: ['example.org'] });
  const domains = [cloudflare('example.org'), cloudflare('second.example')];
  const services = { postbox: { subdomain: 'mx', domain: 'second.example' } };
  assert.deepEqual(pick(planMailCloud({ domains, services })), {
    host: 'mx.second.example',
    domains: ['second.example'],
  });
});

test('addresses of the server point back to the mail server', () => {
  assert.equal(planMailCloud().server.reverseName, 'mail.example.org');
});

test('refuses a domain that is in no zone, and one that is listed twice, on their lines', () => {
  const receives = ['example.org', 'elsewhere.example', 'example.org', 'notexample.org'];
  assert.throws(
    () => planMailCloud({ receives }),
    (error: Error) => {
      const places = [...error.message.matchAll(/services\.postbox\.options\.domains\.(\d): (.*?\.)(?= )/g)];
      assert.deepEqual(
        places.map(([, index, what]) => [index, what]),
        [
          ['1', '"elsewhere.example" is in none of your zones (example.org).'],
          ['2', '"example.org" is listed twice.'],
          ['3', '"notexample.org" is in none of your zones (example.org).'],
        ],
      );
      return true;
    },
  );
});

test('names the addresses that have to exist', () => {
  assert.deepEqual(requiredMailboxes(['example.org', 'second.example']), [
    ...['postmaster@example.org', 'abuse@example.org', 'hostmaster@example.org'],
    ...['postmaster@second.example', 'abuse@second.example', 'hostmaster@second.example'],
    ...['dmarc-reports@example.org', 'tls-reports@example.org', 'no-reply@example.org'],
  ]);
});
