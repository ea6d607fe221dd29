/** How much of something is in use, in bytes. */
export interface Use {
  usedBytes: number;
  totalBytes: number;
}

export const usedShare = ({ usedBytes, totalBytes }: Use): number =>
  totalBytes === 0 ? 0 : usedBytes / totalBytes;

/** From this share on its owner is told, since a program does not see its limit coming. */
export const highFrom = 0.8;

/** From 95 % on something is wrong. */
export function judgeUse(use: Use): 'well' | 'high' | 'full' {
  const share = usedShare(use);
  if (share >= 0.95) return 'full';
  return share >= highFrom ? 'high' : 'well';
}

/** As in "4.2 of 5 GB". */
export const describeUse = ({ usedBytes, totalBytes }: Use): string =>
  `${shownGb(usedBytes)} of ${shownGb(totalBytes)} GB`;

/** GB of 10^9 bytes, as providers count. */
const shownGb = (bytes: number): string => {
  const gb = bytes / 1e9;
  return gb >= 10 || Number.isInteger(gb) ? String(Math.round(gb)) : gb.toFixed(1);
};
