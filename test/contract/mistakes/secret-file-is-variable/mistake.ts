import { type Draft, edit } from '../../good-service.ts';

export default (draft: Draft): void => {
  edit(draft, '"${SECRET_OIDC_SECRET_NOTES}"', './oidc-secret');
};
