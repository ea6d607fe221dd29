import type { Draft } from '../../good-service.ts';

/** Its name begins like that of a file that is mounted. */
export default (draft: Draft): void => {
  draft.files['start.sh.d/notes.conf'] = 'pages = 20\n';
};
