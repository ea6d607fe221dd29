import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bundle, toEnvName } from '../../core/release/release.ts';
import { certificateVariable } from '../../core/release/variables.ts';
import { writeDurably } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';

/** Writes the variables that the compose file uses, so that a plain `docker compose up -d` in the folder works. */
export function writeEnvironment(
  layout: Layout,
  bundle: Bundle,
  folder: string,
  images: Record<string, string>,
): void {
  const { release } = bundle;
  const variables: Record<string, string> = { ...release.variables, ...images };
  for (const name of Object.keys(release.data))
    variables[`DATA_${toEnvName(name)}`] = layout.data(release.service, name);
  for (const [name, { generation, readers }] of Object.entries(release.secrets)) {
    const master = layout.secret(release.service, name, generation);
    for (const reader of Object.keys(readers))
      variables[`SECRET_${toEnvName(name)}_${toEnvName(reader)}`] = `${master}.${reader}`;
  }
  for (const program of Object.keys(release.hostCertificate?.readers ?? {}))
    variables[certificateVariable(program)] = layout.hostCertificate(release.service, program);
  if (release.network.kind === 'bridge') {
    for (const [name, port] of Object.entries(release.network.loopbackPorts))
      variables[`PORT_${toEnvName(name)}`] = String(port);
  }
  const lines = Object.entries(variables).map(([key, value]) => `${key}='${value.replaceAll("'", "\\'")}'`);
  writeDurably(join(folder, '.env'), `${lines.join('\n')}\n`, 0o600);
}

/** The variables that {@link writeEnvironment} wrote. */
export function readEnvironment(folder: string): Record<string, string> {
  const file = join(folder, '.env');
  if (!existsSync(file)) return {};
  const lines = [...readFileSync(file, 'utf8').matchAll(/^(\w+)='(.*)'$/gm)];
  return Object.fromEntries(lines.map(([, name, value]) => [name!, value!.replaceAll("\\'", "'")]));
}
