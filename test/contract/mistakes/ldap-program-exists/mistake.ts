import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.definition.needs!.ldap = 'federation';
  draft.definition.needs!.ldapPrograms = ['nothing'];
};
