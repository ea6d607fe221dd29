import { hostname, userInfo } from 'node:os';

/** Who runs this program, for others to read: `user@machine`. */
export const thisUser = (): string => `${userInfo().username}@${hostname()}`;
