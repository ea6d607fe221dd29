import { type Draft, edit } from '../../good-service.ts';

export default (draft: Draft): void => {
  edit(draft, 'user: "9011:9011"', 'user: "0:0"');
};
