import { type Draft, edit } from '../../good-service.ts';

/** YAML may quote a key; whatever looks for the first container by its text then finds another. */
export default (draft: Draft): void => {
  edit(draft, '  notes:\n', "  'notes':\n");
};
