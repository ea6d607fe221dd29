import { type Draft, edit } from '../../good-service.ts';

export default (draft: Draft): void => {
  edit(draft, '"${DATA_FILES}:/data"', '"${DATA_FILES}:/data", "/srv/notes:/more"');
};
