import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.dockerfiles['images/notes'] =
    'ARG UPSTREAM=example.org/notes:v1.2.4-slim\nFROM debian\nUSER 9010:9010\n';
};
