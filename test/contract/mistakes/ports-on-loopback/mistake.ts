import { type Draft, edit } from '../../good-service.ts';

export default (draft: Draft): void => {
  edit(draft, '127.0.0.1:${PORT_SYNC}:9000', '9000:9000');
};
