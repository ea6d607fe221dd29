import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtHereLabel, type UpstreamImage } from '../../core/release/upstream-image.ts';
import { docker, tryDocker } from '../machine/docker.ts';

/**
 * Removes each program by name that upstream's image does not have, so that what works here works there. A kept name that
 * is a link to another program, as `sh` is to dash, becomes that program. The list is removed at once, `rm` included.
 */
const script = `#!/bin/sh
set -eu
kept=" $1 "
remove=
for file in /usr/local/sbin/* /usr/local/bin/* /usr/sbin/* /usr/bin/*; do
  [ -e "$file" ] || [ -L "$file" ] || continue
  case "$kept" in
    *" \${file##*/} "*) real=$(readlink -f "$file"); [ "$real" = "$file" ] || ln -f "$real" "$file" ;;
    *) remove="$remove $file" ;;
  esac
done
exec rm -f /keep-tools $remove
`;

/** Makes an image that a sandbox built in the place of upstream's like that one, and marks it as built here. */
export async function makeLikeUpstream(
  built: string,
  reference: string,
  upstream: UpstreamImage,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'haven-like-upstream-'));
  const { stdout: user } = await docker(['image', 'inspect', '-f', '{{.Config.User}}', built]);
  try {
    writeFileSync(join(folder, 'keep-tools'), script, { mode: 0o755 });
    writeFileSync(
      join(folder, 'Dockerfile'),
      [
        `FROM ${built}`,
        'USER 0',
        'COPY keep-tools /keep-tools',
        `RUN ["/bin/sh", "/keep-tools", "${upstream.tools.join(' ')}"]`,
        `USER ${user.trim() || '0'}`,
        `LABEL ${builtHereLabel}="${upstream.image}"`,
        '',
      ].join('\n'),
    );
    await docker(['build', '-q', '--force-rm', '--network', 'none', '-t', reference, folder], {
      env: { ...process.env, DOCKER_BUILDKIT: '0' },
    });
  } finally {
    rmSync(folder, { recursive: true });
    await tryDocker(['image', 'rm', built]);
  }
}
