import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.dockerfiles['images/notes'] = 'FROM debian\nENV VERSION=v1.2.4\nUSER 9010:9010\n';
};
