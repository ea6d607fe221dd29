import { whileAsking } from '../output/asking.ts';
import { ImagesNotFound } from './image-lookups.ts';
import type { Project } from './project.ts';

/** How long an owner waits for registries, beside the command that they typed. */
const timeoutMs = 4000;

/**
 * Writes into haven.lock which images those are that haven.yaml needs and haven.lock does not name yet, as registries
 * answer now. Existing entries are left unchanged. If not all of them answer, nothing is written; the sentence that is
 * returned tells the owner so.
 */
export async function pinImages(project: Project): Promise<string | undefined> {
  try {
    await whileAsking('registries of images', () => project.lookUpPins(timeoutMs));
  } catch (error) {
    if (!(error instanceof ImagesNotFound)) throw error;
    return 'Not every image could be looked up now, so haven.lock is unchanged: the next "haven up" pins the images, and "haven plan" says if one is not available.';
  }
  project.keepDigests();
  return undefined;
}
