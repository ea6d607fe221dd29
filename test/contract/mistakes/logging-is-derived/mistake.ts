import { type Draft, edit } from '../../good-service.ts';

export default (draft: Draft): void => {
  edit(draft, '    command: serve', '    logging: { driver: none }\n    command: serve');
};
