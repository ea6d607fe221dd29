import { type Draft, loginOf } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.definition.needs!.login = { ...loginOf(draft), begin: 'https://notes.example.org/login' };
};
