import { type Draft, edit } from '../../good-service.ts';

/** A tab in YAML. */
export default (draft: Draft): void => {
  edit(draft, '  notes:\n', '\tnotes:\n');
};
