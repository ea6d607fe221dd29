import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dkimText } from '../../core/mail/dkim-key.ts';
import type { MailCheck } from '../../core/mail/mail-check.ts';
import { DnsJudges } from '../support/dns-judges.ts';
import { samplePublicKey } from '../support/mail-cloud.ts';
import {
  addresses,
  authority,
  change,
  changePage,
  check,
  closeMailNames,
  domains,
  host,
  names,
  openMailNames,
  otherSenders,
  pointBack,
  recordsAt,
  secondSelector,
  selector,
  signingKeys,
  textAt,
  visitorImage,
  type ZoneRecord,
} from '../support/mail-names.ts';

/**
 * `haven mail check` against faults that are planted in the DNS, one for each kind of record that mail has: it must name that
 * record and nothing else, and a program that others wrote must see the same fault, which it does not see before.
 */
const [one, two] = domains;
const elsewhere = 'mail.elsewhere.example';
let judges: DnsJudges;

before(async () => {
  await openMailNames();
  judges = await DnsJudges.open(names, await visitorImage(), authority());
});
after(async () => {
  judges?.close();
  await closeMailNames();
});

/** A program, and what it is asked. */
interface Judge {
  name: string;
  ask: () => Promise<string>;
}
const checkdmarc = (what: Parameters<DnsJudges['checkdmarc']>[0], domain: string): Judge => ({
  name: 'checkdmarc',
  ask: () => judges.checkdmarc(what, domain),
});
const testkey = (domain: string): Judge => ({
  name: 'opendkim-testkey',
  ask: () => judges.testkey(domain, selector, signingKeys[domain]!.privateKey),
});
const pyspf = (sender: string, helo = host): Judge => ({
  name: 'pyspf',
  ask: () => judges.spf(addresses.ipv4, sender, helo),
});
const dane: Judge = { name: 'posttls-finger', ask: () => judges.dane(two) };
const dig = (...question: string[]): Judge => ({ name: 'dig', ask: () => judges.dig(...question) });
const delv = (...question: string[]): Judge => ({ name: 'delv', ask: () => judges.delv(...question) });

interface Fault {
  /** What is wrong, as the name of the test. */
  fault: string;
  /** Plants it, and answers with what undoes that. */
  plant: () => Promise<() => Promise<void>>;
  /** The checks that must name it. */
  wrong: string[];
  /** What else is wrong because of it. */
  follows?: RegExp;
  evidence: RegExp;
  remedy?: RegExp;
  judge: Judge;
  /** What the judge says of the fault, and not before. */
  agrees: RegExp;
}

const text = (name: string, value: string): ZoneRecord => ({ ...textAt(name), value });
/** A planned record with something changed, in its place. */
const instead = (
  type: ZoneRecord['type'],
  name: string,
  changed: Partial<ZoneRecord> | ((record: ZoneRecord) => Partial<ZoneRecord>),
  begins = '',
) => {
  const found = recordsAt(type, name, begins);
  const made = found.map(
    (each) => ({ ...each, ...(typeof changed === 'function' ? changed(each) : changed) }) as ZoneRecord,
  );
  return change(found, made);
};
const missing = (type: ZoneRecord['type'], name: string, begins = '') =>
  change(recordsAt(type, name, begins));
const besides = (type: ZoneRecord['type'], name: string, changed: Partial<ZoneRecord>) =>
  change([], [{ ...recordsAt(type, name)[0]!, ...changed } as ZoneRecord]);
const key = (domain: string) => `${selector}._domainkey.${domain}`;
const tlsaName = `_25._tcp.${host}`;
const atProvider = /at your DNS provider/;

const faults: Fault[] = [
  {
    fault: 'no MX',
    plant: () => missing('MX', two),
    wrong: [`MX ${two}`],
    evidence: /^there is none$/,
    judge: checkdmarc('mx', two),
    agrees: /has no MX records/,
  },
  {
    fault: 'MX of another server',
    plant: () => instead('MX', two, { value: elsewhere }),
    wrong: [`MX ${two}`],
    evidence: /^10 mail\.elsewhere\.example, and not 10 mail\.check-one\.test$/,
    judge: checkdmarc('mx', two),
    agrees: /"hostname": "mail\.elsewhere\.example"/,
  },
  {
    fault: 'MX of another server besides',
    plant: () => besides('MX', two, { value: elsewhere }),
    wrong: [`MX ${two}`],
    evidence: /and also 10 mail\.elsewhere\.example$/,
    remedy: atProvider,
    judge: checkdmarc('mx', two),
    agrees: /"hostname": "mail\.elsewhere\.example"/,
  },
  {
    fault: 'MX leads to an alias',
    plant: async () => {
      const own = [...recordsAt('A', host), ...recordsAt('AAAA', host)];
      const all = [...own, ...recordsAt('TXT', host), ...recordsAt('CAA', host)];
      const box = own.map((each) => ({ ...each, name: `box.${one}` }));
      return change(all, [...box, { ...own[0]!, type: 'CNAME', value: `box.${one}` }]);
    },
    wrong: [`CNAME ${host}`],
    follows: /^(CAA|SPF) mail\.check-one\.test$/,
    evidence: /alias of box\.check-one\.test/,
    remedy: atProvider,
    judge: dig('CNAME', host),
    agrees: /^box\.check-one\.test\.$/m,
  },
  {
    fault: 'address of the mail server of another server',
    plant: () => instead('A', host, { value: '192.0.2.9' }),
    wrong: [`A ${host}`],
    follows: /^name of 198\.18/,
    evidence: /^192\.0\.2\.9, and not 198\.18/,
    judge: pyspf('', host),
    agrees: /^fail /,
  },
  {
    fault: 'address of another server besides',
    plant: () => besides('A', host, { value: '192.0.2.9' }),
    wrong: [`A ${host}`],
    evidence: /and also 192\.0\.2\.9$/,
    remedy: atProvider,
    judge: dig('A', host),
    agrees: /^192\.0\.2\.9$/m,
  },
  {
    fault: 'no IPv6 address of the mail server',
    plant: () => missing('AAAA', host),
    wrong: [`AAAA ${host}`],
    follows: /^name of 2001:db8:1::4$/,
    evidence: /^there is none$/,
    judge: dig('AAAA', host),
    agrees: /^$/,
  },
  {
    fault: 'no SPF',
    plant: () => missing('TXT', two, 'v=spf1'),
    wrong: [`SPF ${two}`],
    evidence: /^there is none$/,
    judge: checkdmarc('spf', two),
    agrees: /does not have a SPF TXT record|No SPF|not found|does not exist/i,
  },
  {
    fault: 'two SPF records',
    plant: () => change([], [text(two, 'v=spf1 include:old.example ~all')]),
    wrong: [`SPF ${two}`],
    evidence: /^there are 2: /,
    remedy: atProvider,
    judge: pyspf(`ada@${two}`),
    agrees: /^permerror /,
  },
  {
    fault: 'SPF without this server',
    plant: () => instead('TXT', two, { value: 'v=spf1 ip4:192.0.2.9 -all' }, 'v=spf1'),
    wrong: [`SPF ${two}`],
    evidence: /^v=spf1 ip4:192\.0\.2\.9 -all, and not v=spf1 mx /,
    judge: pyspf(`ada@${two}`),
    agrees: /^fail /,
  },
  {
    fault: 'SPF that includes a sender who has grown',
    plant: () => {
      const hosts = ['mail', 'mta-sts', 'autoconfig', 'autodiscover', 'haven', 'login', 'me'].map(
        (each) => `a:${each}.${one}`,
      );
      const more = ['mta-sts', 'autoconfig', 'autodiscover'].map((each) => `a:${each}.${two}`);
      const own = text(otherSenders, 'v=spf1 ip4:192.0.2.9 -all');
      return change([own], [text(otherSenders, ['v=spf1', ...hosts, ...more, '-all'].join(' '))]);
    },
    wrong: [`SPF ${two}: look-ups`],
    evidence: /more than 10 look-ups: mx takes 1, include:senders\.check-one\.test takes 11$/,
    remedy: /Remove a sender/,
    judge: checkdmarc('spf', two),
    agrees: /"valid": false.*(lookups|10)/,
  },
  {
    fault: 'SPF that includes a sender who is gone',
    plant: () => change([text(otherSenders, 'v=spf1 ip4:192.0.2.9 -all')]),
    wrong: [`SPF ${two}: look-ups`],
    evidence: /leads to senders\.check-one\.test, which has no SPF record$/,
    remedy: /Remove a sender/,
    judge: checkdmarc('spf', two),
    agrees: /"valid": false/,
  },
  {
    fault: 'no SPF for the name of the mail server',
    plant: () => missing('TXT', host, 'v=spf1'),
    wrong: [`SPF ${host}`],
    evidence: /^there is none$/,
    judge: pyspf('', host),
    agrees: /^none\b/,
  },
  {
    fault: 'no DKIM key',
    plant: () => missing('TXT', key(two)),
    wrong: [`DKIM ${key(two)}`],
    evidence: /^there is none$/,
    judge: testkey(two),
    agrees: /record not found|key not found/i,
  },
  {
    fault: 'DKIM key of another server',
    plant: () => instead('TXT', key(two), { value: dkimText({ publicKey: samplePublicKey }) }),
    wrong: [`DKIM ${key(two)}`],
    evidence: /^it has another key/,
    judge: testkey(two),
    agrees: /keys do not match/i,
  },
  {
    fault: 'DKIM key that was cut off',
    plant: () => instead('TXT', key(two), ({ value }) => ({ value: value.slice(0, 255) })),
    wrong: [`DKIM ${key(two)}`],
    evidence: /^its key is cut off after 227 of 392 characters$/,
    judge: testkey(two),
    agrees: /keys do not match/i,
  },
  {
    fault: 'DKIM key that was revoked',
    plant: () => instead('TXT', key(two), { value: dkimText({ publicKey: '' }) }),
    wrong: [`DKIM ${key(two)}`],
    evidence: /^its key is revoked/,
    judge: testkey(two),
    agrees: /revoked/i,
  },
  {
    fault: 'no second DKIM key',
    plant: () => missing('TXT', `${secondSelector}._domainkey.${two}`),
    wrong: [`DKIM ${secondSelector}._domainkey.${two}`],
    evidence: /^there is none$/,
    judge: dig('TXT', `${secondSelector}._domainkey.${two}`),
    agrees: /^$/,
  },
  {
    fault: 'no DMARC',
    plant: () => missing('TXT', `_dmarc.${two}`),
    wrong: [`DMARC _dmarc.${two}`],
    evidence: /^there is none$/,
    judge: checkdmarc('dmarc', two),
    agrees: /"valid": false/,
  },
  {
    fault: 'DMARC with a comma for a semicolon',
    plant: () => instead('TXT', `_dmarc.${two}`, { value: 'v=DMARC1, p=none' }),
    wrong: [`DMARC _dmarc.${two}`],
    evidence: /^there is none that counts, only: v=DMARC1, p=none$/,
    judge: checkdmarc('dmarc', two),
    agrees: /"valid": false/,
  },
  {
    fault: 'two DMARC records',
    plant: () => change([], [text(`_dmarc.${two}`, 'v=DMARC1; p=reject')]),
    wrong: [`DMARC _dmarc.${two}`],
    evidence: /^there are 2: /,
    remedy: atProvider,
    judge: checkdmarc('dmarc', two),
    agrees: /"valid": false.*[Mm]ultiple/,
  },
  {
    fault: 'reports about the second domain that the first does not agree to take',
    plant: () => missing('TXT', `${two}._report._dmarc.${one}`),
    wrong: [`DMARC ${two}._report._dmarc.${one}`],
    evidence: /^there is none$/,
    judge: checkdmarc('dmarc', two),
    agrees: /does not indicate that it accepts DMARC reports|_report\._dmarc/,
  },
  {
    fault: 'reports to a company that does not agree to take them',
    plant: () =>
      instead('TXT', `_dmarc.${two}`, { value: 'v=DMARC1; p=none; rua=mailto:a@elsewhere.example' }),
    wrong: [`DMARC _dmarc.${two}`, `DMARC ${two}: reports to elsewhere.example`],
    evidence: /elsewhere\.example/,
    remedy: /^(Run: haven up|Ask elsewhere\.example)/,
    judge: checkdmarc('dmarc', two),
    agrees: /elsewhere\.example does not indicate|_report\._dmarc\.elsewhere/,
  },
  {
    fault: 'no MTA-STS record',
    plant: () => missing('TXT', `_mta-sts.${two}`),
    wrong: [`MTA-STS _mta-sts.${two}`],
    evidence: /^there is none$/,
    judge: checkdmarc('mta-sts', two),
    agrees: /"valid": false/,
  },
  {
    fault: 'MTA-STS policy of another server',
    plant: () =>
      changePage(`mta-sts.${two}`, '/.well-known/mta-sts.txt', (policy) => policy.replace(host, elsewhere)),
    wrong: [`https://mta-sts.${two}/.well-known/mta-sts.txt`],
    evidence:
      /^answers 200, with "mx: mail\.elsewhere\.example" where "mx: mail\.check-one\.test" is planned$/,
    judge: checkdmarc('mta-sts', two),
    agrees: /"mx": \["mail\.elsewhere\.example"\]/,
  },
  {
    fault: 'no page of the policy of MTA-STS',
    plant: () => changePage(`mta-sts.${two}`, '/.well-known/mta-sts.txt', () => undefined),
    wrong: [`https://mta-sts.${two}/.well-known/mta-sts.txt`],
    evidence: /^answers 404$/,
    judge: checkdmarc('mta-sts', two),
    agrees: /"valid": false.*404/,
  },
  {
    fault: 'no address for the policy of MTA-STS',
    plant: () => change([...recordsAt('A', `mta-sts.${two}`), ...recordsAt('AAAA', `mta-sts.${two}`)]),
    wrong: [`A mta-sts.${two}`, `AAAA mta-sts.${two}`],
    follows: /^https:\/\/mta-sts\.check-two\.test/,
    evidence: /^there is none$/,
    judge: checkdmarc('mta-sts', two),
    agrees: /"valid": false/,
  },
  {
    fault: 'TLS-RPT without an address',
    plant: () => instead('TXT', `_smtp._tls.${two}`, { value: 'v=TLSRPTv1;' }),
    wrong: [`TLS-RPT _smtp._tls.${two}`],
    evidence: /^v=TLSRPTv1;, and not v=TLSRPTv1; rua=/,
    judge: checkdmarc('tls-rpt', two),
    agrees: /"valid": false/,
  },
  {
    fault: 'no TLS-RPT for the mail server',
    plant: () => missing('TXT', `_smtp._tls.${host}`),
    wrong: [`TLS-RPT _smtp._tls.${host}`],
    evidence: /^there is none$/,
    judge: checkdmarc('tls-rpt', host),
    agrees: /"valid": false/,
  },
  {
    fault: 'TLSA records of other keys',
    plant: () => instead('TLSA', tlsaName, ({ slot }) => ({ value: (slot === 'b' ? 'b' : 'a').repeat(64) })),
    wrong: [`TLSA ${tlsaName}`],
    follows: /^port 25 over IPv[46]: key in the DNS$/,
    evidence: /and not 3 1 1 /,
    judge: dane,
    agrees: /no matching DANE TLSA records/,
  },
  {
    fault: 'no TLSA record of the key that is served',
    plant: () => change(recordsAt('TLSA', tlsaName).filter(({ slot }) => slot === 'a')),
    wrong: [`TLSA ${tlsaName}`],
    follows: /^port 25 over IPv[46]: key in the DNS$/,
    evidence: /and not 3 1 1 /,
    judge: dane,
    agrees: /no matching DANE TLSA records/,
  },
  {
    fault: 'no TLSA record of the key that comes next',
    plant: () => change(recordsAt('TLSA', tlsaName).filter(({ slot }) => slot === 'b')),
    wrong: [`TLSA ${tlsaName}`],
    evidence: /and not 3 1 1 /,
    judge: dig('TLSA', tlsaName),
    agrees: /^3 1 1 [\dA-F ]+\n?$/,
  },
  {
    fault: 'no TLSA record',
    plant: () => missing('TLSA', tlsaName),
    wrong: [`TLSA ${tlsaName}`],
    evidence: /^there is none$/,
    judge: dane,
    agrees: /no TLSA records found|Untrusted TLS|Trusted TLS|Anonymous/,
  },
  {
    fault: 'CAA that lets nobody certify the mail server',
    plant: () => instead('CAA', host, { value: ';' }),
    wrong: [`CAA ${host}`],
    evidence: /^0 issue ;, and not 0 issue ca\.test; accounturi=/,
    judge: dig('CAA', host),
    agrees: /^0 issue ";"$/m,
  },
  {
    fault: 'CAA of another account for the policy of MTA-STS',
    plant: () => instead('CAA', `mta-sts.${two}`, { value: 'ca.test; accounturi=https://ca.test/account/2' }),
    wrong: [`CAA mta-sts.${two}`],
    evidence: /account\/2, and not /,
    judge: dig('CAA', `mta-sts.${two}`),
    agrees: /account\/2/,
  },
  {
    fault: 'no CAA against certificates for addresses',
    plant: () => missing('CAA', two),
    wrong: [`CAA ${two}`],
    evidence: /^there is none$/,
    judge: dig('CAA', two),
    agrees: /^$/,
  },
  ...['autoconfig', 'autodiscover'].map((label): Fault => {
    const name = `${label}.${two}`;
    return {
      fault: `no name ${label}`,
      plant: () => change([...recordsAt('A', name), ...recordsAt('AAAA', name)]),
      wrong: [`A ${name}`, `AAAA ${name}`],
      follows: new RegExp(`^https://${label}`),
      evidence: /^there is none$/,
      judge: dig('A', name),
      agrees: /^$/,
    };
  }),
  ...['imaps', 'submissions', 'submission', 'sieve', 'autodiscover'].map((service): Fault => {
    const name = `_${service}._tcp.${two}`;
    return {
      fault: `SRV of ${service} with another port`,
      plant: () => instead('SRV', name, { port: 1993 } as Partial<ZoneRecord>),
      wrong: [`SRV ${name}`],
      evidence: / 1993 .*, and not /,
      judge: dig('SRV', name),
      agrees: /^0 1 1993 /,
    };
  }),
  {
    fault: 'SRV of another server besides',
    plant: () => besides('SRV', `_imaps._tcp.${two}`, { value: elsewhere }),
    wrong: [`SRV _imaps._tcp.${two}`],
    evidence: /and also 0 1 993 mail\.elsewhere\.example$/,
    remedy: atProvider,
    judge: dig('SRV', `_imaps._tcp.${two}`),
    agrees: /elsewhere/,
  },
  ...['imap', 'pop3', 'pop3s'].map((service): Fault => {
    const name = `_${service}._tcp.${two}`;
    return {
      fault: `nothing says that ${service} is not offered`,
      plant: () => missing('SRV', name),
      wrong: [`SRV ${name}`],
      evidence: /^there is none$/,
      judge: dig('SRV', name),
      agrees: /^$/,
    };
  }),
  {
    fault: 'no null MX at a name without mail',
    plant: () => missing('MX', `autoconfig.${two}`),
    wrong: [`MX autoconfig.${two}`],
    evidence: /^there is none$/,
    judge: checkdmarc('mx', `autoconfig.${two}`),
    agrees: /has no MX records/,
  },
  {
    fault: 'no SPF at a name without mail',
    plant: () => missing('TXT', `autoconfig.${two}`),
    wrong: [`SPF autoconfig.${two}`],
    evidence: /^there is none$/,
    judge: pyspf(`x@autoconfig.${two}`),
    agrees: /^none\b/,
  },
  {
    fault: 'no DMARC at a name without mail',
    plant: () => missing('TXT', `_dmarc.autoconfig.${two}`),
    wrong: [`DMARC _dmarc.autoconfig.${two}`],
    evidence: /^there is none$/,
    judge: dig('TXT', `_dmarc.autoconfig.${two}`),
    agrees: /^$/,
  },
  ...(['ipv4', 'ipv6'] as const).map(
    (family): Fault => ({
      fault: `no name of the address, ${family}`,
      plant: async () => {
        await pointBack(family, undefined);
        return () => pointBack(family, host);
      },
      wrong: [`name of ${addresses[family]}`],
      evidence: /^it points back to no name$/,
      remedy: /It must point back to mail\.check-one\.test/,
      judge: dig('-x', addresses[family]),
      agrees: /^$/,
    }),
  ),
  {
    fault: 'the address points back to a name that does not lead to it',
    plant: async () => {
      await pointBack('ipv4', `nothing.${one}`);
      return () => pointBack('ipv4', host);
    },
    wrong: [`name of ${addresses.ipv4}`],
    evidence: /^it points back to nothing\.check-one\.test, which does not lead to it$/,
    remedy: /It must point back to mail\.check-one\.test/,
    judge: dig('-x', addresses.ipv4),
    agrees: /^nothing\.check-one\.test\.$/m,
  },
  {
    fault: 'no DS record',
    plant: async () => {
      await names.setDs(two, 'none');
      return () => names.setDs(two, 'own');
    },
    wrong: [`DNSSEC ${two}`],
    evidence: /^signed, and waits for your registrar$/,
    remedy: /^Enter at your registrar/,
    judge: delv(two, 'MX'),
    agrees: /unsigned answer/,
  },
  {
    fault: 'DS record of another key',
    plant: async () => {
      await names.setDs(two, 'other');
      return () => names.setDs(two, 'own');
    },
    wrong: [`DNSSEC ${two}`],
    follows: /^\d+ checks of check-two\.test$/,
    evidence: /^unreachable for everyone who validates: /,
    remedy: /^Replace it at your registrar, now/,
    judge: delv(two, 'MX'),
    agrees: /resolution failed|broken trust chain|no valid/,
  },
  {
    fault: 'DS record of another key for the zone of the mail server',
    plant: async () => {
      await names.setDs(one, 'other');
      return () => names.setDs(one, 'own');
    },
    wrong: [`DNSSEC ${one}`],
    follows:
      /^(\d+ checks of (mail\.)?check-one\.test|name of .*|SPF check-two\.test: look-ups|DMARC check-two\.test\._report.*)$/,
    evidence: /^unreachable for everyone who validates: /,
    remedy: /^Replace it at your registrar, now/,
    judge: dane,
    agrees: /Destination address lookup failed/,
  },
];

/** What is not good, but for whether email leaves: there is no other mail server here. */
async function found(): Promise<MailCheck[]> {
  const sections = await check();
  return sections
    .flatMap(({ checks }) => checks)
    .filter(({ what, result }) => result !== 'good' && !what.startsWith('sends over '));
}
const listed = (checks: MailCheck[]): string =>
  checks
    .map(({ what, result, evidence, remedy }) => `${result} ${what}: ${evidence}\n  ${remedy}`)
    .join('\n');

test('records as planned: nothing is wrong', async () => {
  assert.deepEqual(await found(), []);
  const sending = (await check()).find(({ about }) => about === 'sending')?.checks ?? [];
  for (const family of ['IPv4', 'IPv6']) {
    const sends = sending.find(({ what }) => what === `sends over ${family}`);
    assert.equal(sends?.result, 'unknown');
    assert.match(sends?.evidence ?? '', new RegExp(`has no ${family} address`));
  }
});

for (const { fault, plant, wrong, follows, evidence, remedy = /^Run: haven up/, judge, agrees } of faults)
  test(`${fault}: ${wrong.join(', ')}, and ${judge.name} agrees`, async () => {
    assert.doesNotMatch(await judge.ask(), agrees, 'the judge says so only of the fault');
    const undo = await plant();
    try {
      const all = await found();
      const named = all.filter(({ what }) => wrong.includes(what));
      assert.deepEqual(named.map(({ what }) => what).toSorted(), wrong.toSorted(), listed(all));
      const others = all.filter(({ what }) => !wrong.includes(what) && !follows?.test(what));
      assert.deepEqual(others, [], listed(others));
      for (const each of named) {
        assert.equal(each.result, 'bad');
        assert.match(each.evidence, evidence);
        assert.match(each.remedy ?? '', remedy);
      }
      assert.match(await judge.ask(), agrees);
    } finally {
      await undo();
    }
  });

test('a fault of the second domain is not one of the first', async () => {
  const undo = await missing('MX', two);
  try {
    const about = async (domain: string) =>
      (await check(domain))
        .find((each) => each.about === domain)
        ?.checks.filter(({ result }) => result !== 'good');
    assert.deepEqual(await about(one), []);
    assert.deepEqual(
      (await about(two))?.map(({ what }) => what),
      [`MX ${two}`],
    );
  } finally {
    await undo();
  }
});

test('all faults are undone, and nothing is wrong', async () => {
  assert.deepEqual(await found(), []);
});
