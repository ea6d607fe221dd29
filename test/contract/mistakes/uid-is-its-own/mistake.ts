import { asUid, type Draft } from '../../good-service.ts';

/** The uid of another service. */
export default (draft: Draft): void => {
  asUid(draft, 9021);
};
