import type { Draft } from '../../good-service.ts';

/** On a server these images work. */
export default (draft: Draft): void => {
  draft.dockerfiles['images/notes'] =
    'ARG UPSTREAM=example.org/notes:v1.2.3-slim\nFROM ${UPSTREAM}\nUSER 9010:9010\n';
  draft.dockerfiles['images/search-stub'] =
    'ARG UPSTREAM=example.org/search:1.2.3\nFROM ${UPSTREAM} AS upstream\nUSER 9011:9011\n';
  draft.dockerfiles['images/postgres'] =
    'ARG UPSTREAM=example.org/postgres:17\nFROM ${UPSTREAM} AS upstream\nFROM upstream\nUSER 2020:2020\nHEALTHCHECK CMD true\n';
};
