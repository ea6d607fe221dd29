import { asUid, type Draft } from '../../good-service.ts';

/** An image of upstream's that insists on its uid, which nobody has named. */
export default (draft: Draft): void => {
  asUid(draft, 33);
};
