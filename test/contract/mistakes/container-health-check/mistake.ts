import { type Draft, edit } from '../../good-service.ts';

/** Nothing asks the container how it is: `docker compose up --wait` would count it as healthy at once. */
export default (draft: Draft): void => {
  edit(draft, '    healthcheck: { test: [CMD, notes, --health] }\n', '');
};
