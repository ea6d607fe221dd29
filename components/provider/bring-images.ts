import type { AgentLink } from './agent-link.ts';
import type { RunFolder } from './run-folder.ts';

/**
 * Has a server build those images of a release that it does not have, before the operation begins. Upstream's own images
 * are pulled by the operation. Each of its services may need the same one; the agent builds it once.
 */
export async function bringImages(
  agent: AgentLink,
  run: RunFolder,
  { service, images }: { service: string; images: Record<string, string> },
): Promise<void> {
  const recipes = Object.values(images).flatMap((reference) => run.recipe(reference) ?? []);
  if (recipes.length === 0) return;
  const references = JSON.stringify(recipes.map(({ reference }) => reference));
  const missing = await agent.call<string[]>(['image-missing'], references);
  for (const recipe of recipes.filter(({ reference }) => missing.includes(reference)))
    await agent.call(['image-build'], JSON.stringify(recipe), (line) => run.noteProgress(service, line));
}
