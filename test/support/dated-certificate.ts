import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../system/run.ts';
import { scratch } from './scratch.ts';

const config = `[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = copy
rand_serial = yes
[any]
commonName = supplied
`;

/** A certificate of a name that began `agoDays` ago and is valid for `leftDays` more days, with its key. */
export async function datedCertificate(
  name: string,
  { agoDays, leftDays }: { agoDays: number; leftDays: number },
): Promise<{ key: string; cert: string }> {
  const cwd = scratch('certificate');
  writeFileSync(join(cwd, 'ca.cnf'), config);
  writeFileSync(join(cwd, 'index.txt'), '');
  const at = (days: number) =>
    new Date(Date.now() + days * 86_400_000).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key.pem'];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  await run('openssl', ['req', '-new', ...key, ...subject, '-out', 'request.pem'], { cwd });
  const dates = ['-startdate', at(-agoDays), '-enddate', at(leftDays)];
  const files = ['-in', 'request.pem', '-keyfile', 'key.pem', '-out', 'cert.pem', '-notext'];
  await run('openssl', ['ca', '-batch', '-selfsign', '-config', 'ca.cnf', ...files, ...dates], { cwd });
  return {
    key: readFileSync(join(cwd, 'key.pem'), 'utf8'),
    cert: readFileSync(join(cwd, 'cert.pem'), 'utf8'),
  };
}
