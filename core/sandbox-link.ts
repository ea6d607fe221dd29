import { z } from 'zod';

/**
 * How an owner's directory says that its cloud is in the sandbox of this machine: the file `.haven/sandbox`. The sandbox
 * writes it; commands read it, and so meet the sandbox instead of the real APIs without knowing any code of it.
 */
export const sandboxLinkSchema = z.strictObject({
  format: z.literal(2),
  /** Is the sandbox running? Its process id, and what the command line of that process holds. */
  process: z.strictObject({ pidFile: z.string(), command: z.string() }),
  /** Variables by which programs meet the sandbox's APIs, name server and certificate authority. */
  environment: z.record(z.string(), z.string()),
  /** File that {@link parseSandboxImages} reads. */
  imagesFile: z.string(),
  /** Emulators of the engine's official plugins: as a module that exports `providers`, and as programs in a folder. */
  plugins: z.strictObject({ module: z.string(), folder: z.string() }),
});

export type SandboxLink = z.infer<typeof sandboxLinkSchema>;

export const renderSandboxLink = (link: SandboxLink): string => `${JSON.stringify(link, null, 2)}\n`;

/** Undefined for a text of another format: an earlier version wrote a sentence. */
export function parseSandboxLink(text: string): SandboxLink | undefined {
  try {
    return sandboxLinkSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const imagesSchema = z.record(z.string(), z.object({ reference: z.string() }));

/** Image of upstream's by name and tag → what the sandbox has for it. */
export const parseSandboxImages = (text: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(imagesSchema.parse(JSON.parse(text))).map(([pull, { reference }]) => [pull, reference]),
  );
