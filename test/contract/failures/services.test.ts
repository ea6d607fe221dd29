import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cloud, type FailureCase, provokeAll } from '../../support/failure-table.ts';

const good = `export default {
  id: 'wiki',
  title: 'Wiki',
  summary: 'Pages that everyone can change.',
  upstream: { name: 'OpenHaven', licence: 'Apache-2.0', version: '1' },
  images: {},
  options: { parse: () => ({}), shape: {}, safeParse: () => ({ success: true, data: {} }) },
  healthChecks: [],
  memoryMb: 64,
};
`;
const compose = 'services:\n  app:\n    image: alpine\n';

/** A service of the owner's own, in services/wiki; in haven.yaml, unless it is only a neighbour. */
const wiki =
  (files: { service?: string; compose?: string }, isNeighbour = false) =>
  (cloud: Cloud) => {
    const folder = join(cloud.directory, 'services/wiki');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'service.ts'), files.service ?? good);
    if (files.compose !== '') writeFileSync(join(folder, 'compose.yaml'), files.compose ?? compose);
    if (!isNeighbour) cloud.write('haven.yaml', `${cloud.read()}  wiki: {}\n`);
  };

const table: FailureCase[] = [
  { name: 'a service that is cut short', typed: 'plan', provoke: wiki({ service: good.slice(0, 90) }) },
  {
    name: 'a service that throws',
    typed: 'plan',
    provoke: wiki({ service: `const a: number = 1;\n${good.replace("'Wiki'", 'x')}` }),
  },
  { name: 'a service that throws a text', typed: 'plan', provoke: wiki({ service: "throw 'no';\n" }) },
  {
    name: 'a service that imports a file that is missing',
    typed: 'plan',
    provoke: wiki({ service: `import './gone.ts';\n${good}` }),
  },
  {
    name: 'a service that imports a package that is missing',
    typed: 'plan',
    provoke: wiki({ service: `import 'gone-package';\n${good}` }),
  },
  {
    name: 'a service without a default export',
    typed: 'plan',
    provoke: wiki({ service: good.replace('export default', 'export const wiki =') }),
  },
  {
    name: 'a service that is something else',
    typed: 'plan',
    provoke: wiki({ service: "export default { id: 'wiki', title: 'Wiki' };\n" }),
  },
  {
    name: 'a service with another id',
    typed: 'plan',
    provoke: wiki({ service: good.replace("'wiki'", "'wicki'") }),
  },
  { name: 'a service without a compose file', typed: 'plan', provoke: wiki({ compose: '' }) },
  {
    name: 'a service whose compose file is not YAML',
    typed: 'plan',
    provoke: wiki({ compose: 'services:\n  app: [\n' }),
  },
  { name: 'a service whose compose file is empty', typed: 'plan', provoke: wiki({ compose: '\n' }) },
  {
    name: 'a service whose function throws',
    typed: 'plan',
    provoke: wiki({
      service: good.replace('memoryMb', 'files: () => {\n    return missing.pages;\n  },\n  memoryMb'),
    }),
  },
  {
    name: 'a broken service that haven.yaml does not name',
    typed: 'service list',
    code: 'ok',
    provoke: wiki({ service: 'export default {' }, true),
  },
];

provokeAll(import.meta.url, 'services', table);
