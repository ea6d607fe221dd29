import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.files['start.sh'] = 'export PASSWORD\nPASSWORD=$(cat /run/secrets/db-password)\nexec notes\n';
};
