import { type Draft, edit } from '../../good-service.ts';

export default (draft: Draft): void => {
  edit(draft, '--page-size=', '--name=${NAME} --page-size=');
};
