import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../system/run.ts';

/** A key and a certificate for a name, as PEM and as files; the certificate is its own authority, and valid for two days. */
export async function selfSigned(
  name: string,
  folder: string,
): Promise<{ key: string; cert: string; certFile: string }> {
  const [keyFile, certFile] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  await run('openssl', ['req', '-x509', ...kind, ...names, '-keyout', keyFile, '-out', certFile]);
  return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8'), certFile };
}
