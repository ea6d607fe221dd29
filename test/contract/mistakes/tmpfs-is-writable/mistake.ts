import { type Draft, edit } from '../../good-service.ts';

export default (draft: Draft): void => {
  edit(draft, 'uid=9010,gid=9010', 'uid=9011,gid=9011');
};
