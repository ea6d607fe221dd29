import { type Draft, edit } from '../../good-service.ts';

export default (draft: Draft): void => {
  edit(draft, '\nsecrets:\n', '\nsecrets:\n  api-key: { file: ./api-key }\n');
};
