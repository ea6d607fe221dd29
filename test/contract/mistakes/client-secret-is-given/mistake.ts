import { type Draft, edit } from '../../good-service.ts';

export default (draft: Draft): void => {
  delete draft.definition.secrets!['oidc-secret'];
  edit(draft, 'secrets: [db-password, oidc-secret]', 'secrets: [db-password]');
  edit(draft, '      CLIENT_SECRET_FILE: /run/secrets/oidc-secret\n', '');
  edit(draft, '  oidc-secret: { file: "${SECRET_OIDC_SECRET_NOTES}" }\n', '');
};
