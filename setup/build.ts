import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { bundleAgent } from '../agent/build.ts';
import { bundleProgram, isProgram } from '../services/image-program.ts';
import { projectRoot } from '../system/project-root.ts';

/**
 * `npm run build`: the published package, in `dist/openhaven`. Node runs no TypeScript below node_modules, so it is
 * compiled file by file, with everything beside it in the same place: services, images and engine are found by paths.
 * The agent and the programs of our own images come ready bundled.
 */
const assets = [
  ...['README.md', 'CHANGELOG.md', 'LICENSE', 'SECURITY.md', 'haven.example.yaml', 'haven.schema.json'],
  ...['cli/bin.mjs', 'cli/help.txt', 'components/provider/bin/*', 'sandbox/plugins/bin/*', 'sandbox/**/*.py'],
  ...['images/**/*', 'services/**/*', 'engine/go-module/*', 'setup/enter.mjs', 'docs/**/*'],
];

export async function buildPackage(out = join(projectRoot, 'dist', 'openhaven')): Promise<string> {
  rmSync(out, { recursive: true, force: true });
  const tsc = join(projectRoot, 'node_modules/.bin/tsc');
  const compiled = spawnSync(tsc, ['-p', 'tsconfig.build.json', '--outDir', out], {
    cwd: projectRoot,
    stdio: 'inherit',
  });
  if (compiled.status !== 0) throw new Error('tsc found something, see above');

  for (const file of globSync(assets, { cwd: projectRoot })) {
    const from = join(projectRoot, file);
    // What images are built from is theirs as it is, TypeScript too; Node never runs it from here.
    const isSource = file.endsWith('.ts') && !file.startsWith('images/');
    if (!statSync(from).isFile() || isSource) continue;
    mkdirSync(dirname(join(out, file)), { recursive: true });
    copyFileSync(from, join(out, file));
    // The plugins, `bin.mjs` and `enter.mjs` start files that are compiled here.
    if (/\/bin\/|(bin|enter)\.mjs$/.test(file))
      rewrite(join(out, file), (text) => text.replaceAll(/\.ts(['"])/g, '.js$1'));
  }
  const compiledPath = (text: string) => text.replaceAll(/\.ts"/g, '.js"');
  writeFileSync(
    join(out, 'oclif.manifest.json'),
    compiledPath(readFileSync(join(projectRoot, 'oclif.manifest.json'), 'utf8')),
  );
  writeFileSync(join(out, 'agent', 'agent.cjs'), await bundleAgent());
  for (const image of globSync(join(projectRoot, 'images/*')).filter(isProgram))
    writeFileSync(join(out, 'images', `${basename(image)}.mjs`), await bundleProgram(image));
  writeFileSync(join(out, 'package.json'), renderPackage());
  return out;
}

function rewrite(file: string, change: (text: string) => string): void {
  const mode = statSync(file).mode;
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  chmodSync(file, mode);
}

/** What is only for building and testing stays out. */
function renderPackage(): string {
  const {
    private: _private,
    scripts: _scripts,
    devDependencies: _dev,
    ...rest
  } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as Record<string, unknown>;
  return `${JSON.stringify(rest, null, 2)}\n`;
}

if (import.meta.main) {
  const out = await buildPackage(process.argv[2] ? resolve(process.argv[2]) : undefined);
  if (!existsSync(join(out, 'cli/bin.mjs'))) throw new Error(`${out} is not whole`);
  console.log(`  built: ${out}   (npm pack ${out} makes one file of it)`);
}
