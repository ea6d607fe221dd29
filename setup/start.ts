import { spawnSync } from 'node:child_process';
import { confirm } from '@inquirer/prompts';
import { sandboxDir } from '../sandbox/host/paths.ts';
import { cacheDir } from '../system/cache-dir.ts';
import { projectRoot } from '../system/project-root.ts';
import { hasEngine } from './engine.ts';
import { install, missing, sandboxNeeds } from './packages.ts';

/** `npm start`: sets up what is missing, then builds the default cloud in a sandbox. */
const args = process.argv.slice(2);
const needs = await missing(sandboxNeeds);
const isFirst = needs.length > 0 || !hasEngine();

console.log(
  '\nOpenHaven: your own cloud, in a sandbox on this machine. No account, no money; nothing leaves it.\n',
);
if (isFirst) {
  console.log('It will set up, once:');
  for (const each of needs) console.log(`  - the Debian package ${each.package}: ${each.why}`);
  console.log(
    '  - the Pulumi engine, Debian 13, Caddy, Keycloak and more, about 9 GB; built here in 5 to 10 minutes',
  );
  console.log(`Everything but the packages goes into ${cacheDir} and ${sandboxDir}.`);
  console.log(
    'To remove it again: npm run haven -- sandbox reset --purge' +
      (needs.length > 0
        ? `\n               then: apt-get remove ${needs.map((each) => each.package).join(' ')}`
        : ''),
  );
  if (!args.includes('--yes') && process.stdin.isTTY && process.stdout.isTTY) {
    if (!(await confirm({ message: 'Continue?', default: true }))) {
      console.log('Nothing was changed.');
      process.exit(0);
    }
  }
  console.log('');
}
try {
  if (needs.length > 0) {
    console.log(`  Packages: ${needs.map((each) => each.package).join(', ')}`);
    await install(needs, () => undefined);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
const done = spawnSync(process.execPath, ['cli/bin.mjs', 'sandbox', 'start'], {
  cwd: projectRoot,
  stdio: 'inherit',
});
process.exit(done.status ?? 1);
