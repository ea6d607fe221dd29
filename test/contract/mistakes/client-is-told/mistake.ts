import { type Draft, edit } from '../../good-service.ts';

export default (draft: Draft): void => {
  edit(draft, 'CLIENT_ID: ${LOGIN_CLIENT}', 'CLIENT_ID: web');
};
