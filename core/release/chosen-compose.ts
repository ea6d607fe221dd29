import { type Document, isScalar, isSeq, parseDocument } from 'yaml';
import type { OptionalPart, ServiceDefinition } from '../service.ts';
import { toEnvName } from './release.ts';

/**
 * The text of a service's compose file as these options make it. A container with `profiles: [<option>]` stays if that option
 * is on, without the profile, so that plain `docker compose up` starts it. Of the other containers, ports and volumes that
 * belong to a part that is off are left out.
 */
export function chosenCompose(
  text: string,
  { optional }: Pick<ServiceDefinition, 'optional'>,
  options: Record<string, unknown>,
): string {
  const document = parseDocument(text);
  // What is wrong with such a file is reported where it is rendered (compose.ts).
  if (!optional || document.errors.length > 0) return text;
  const off = Object.entries(optional).filter(([option]) => options[option] !== true);
  const lost = off.flatMap(([, part]) => variablesOf(part));
  const { services = {} } = document.toJS() as { services?: Record<string, { profiles?: string[] }> };
  for (const [name, { profiles = [] }] of Object.entries(services)) {
    if (profiles.some((profile) => off.some(([option]) => option === profile))) {
      document.deleteIn(['services', name]);
      continue;
    }
    document.deleteIn(['services', name, 'profiles']);
    for (const list of ['ports', 'volumes']) leaveOut(document, ['services', name, list], lost);
  }
  return document.toString({ lineWidth: 0 });
}

const variablesOf = ({ ports = {}, data = {} }: OptionalPart): string[] => [
  ...Object.keys(ports).map((name) => `\${PORT_${toEnvName(name)}}`),
  ...Object.keys(data).map((name) => `\${DATA_${toEnvName(name)}}`),
];

function leaveOut(document: Document, path: string[], variables: string[]): void {
  const list = document.getIn(path);
  if (!isSeq(list)) return;
  list.items = list.items.filter(
    (item) => !(isScalar(item) && variables.some((each) => String(item.value).includes(each))),
  );
  if (list.items.length === 0) document.deleteIn(path);
}
