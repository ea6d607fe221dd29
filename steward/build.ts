import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The steward as one file for the server's own Node (20, Debian 13), and the hash that names it. */
export async function buildSteward(): Promise<{ text: string; sha256: string }> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL('./main.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    write: false,
    legalComments: 'none',
    // Comments and layout of the source are no reason to touch a server.
    minifyWhitespace: true,
    minifySyntax: true,
    banner: {
      js: "import { createRequire as haveRequire } from 'node:module'; const require = haveRequire(import.meta.url);",
    },
  });
  const text = result.outputFiles[0]!.text;
  return { text, sha256: createHash('sha256').update(text).digest('hex') };
}
