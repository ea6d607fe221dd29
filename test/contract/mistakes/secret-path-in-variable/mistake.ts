import { type Draft, edit } from '../../good-service.ts';

export default (draft: Draft): void => {
  edit(
    draft,
    'CLIENT_SECRET_FILE: /run/secrets/oidc-secret',
    'CLIENT_SECRET_FILE: ${SECRET_OIDC_SECRET_NOTES}',
  );
};
