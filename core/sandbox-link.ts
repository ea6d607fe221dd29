import { z } from 'zod';

/**
 * How an owner's folder says that its cloud is in this machine's sandbox: the file `.haven/sandbox`. The sandbox
 * writes it. Commands read it and then use the sandbox instead of the real APIs, without importing any of its code.
 */
export const sandboxLinkSchema = z.strictObject({
  format: z.literal(2),
  /** Whether the sandbox is running: its process id, and a text in that process's command line. */
  process: z.strictObject({ pidFile: z.string(), command: z.string() }),
  /** Environment variables that lead programs to the sandbox's APIs, name server and certificate authority. */
  environment: z.record(z.string(), z.string()),
  /** File that {@link parseSandboxImages} reads. */
  imagesFile: z.string(),
  /** Emulators of the engine's official plugins: as a module that exports `providers`, and as programs in a folder. */
  plugins: z.strictObject({ module: z.string(), folder: z.string() }),
});

export type SandboxLink = z.infer<typeof sandboxLinkSchema>;

export const renderSandboxLink = (link: SandboxLink): string => `${JSON.stringify(link, null, 2)}\n`;

/** Undefined for a text in another format: an earlier version wrote a sentence. */
export function parseSandboxLink(text: string): SandboxLink | undefined {
  try {
    return sandboxLinkSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const imagesSchema = z.record(z.string(), z.object({ reference: z.string() }));

/** Upstream image by name and tag → the sandbox's image for it. */
export const parseSandboxImages = (text: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(imagesSchema.parse(JSON.parse(text))).map(([pull, { reference }]) => [pull, reference]),
  );
