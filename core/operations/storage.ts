/** How much of something is in use, in bytes. */
export interface Use {
  usedBytes: number;
  totalBytes: number;
}

/** From 80 % on its owner is told, since a program does not see its limit coming; from 95 % on something is wrong. */
export function judgeUse({ usedBytes, totalBytes }: Use): 'well' | 'high' | 'full' {
  const part = usedBytes / totalBytes;
  if (part >= 0.95) return 'full';
  return part >= 0.8 ? 'high' : 'well';
}

/** As in "4.2 of 5 GB". */
export const describeUse = ({ usedBytes, totalBytes }: Use): string =>
  `${shownGb(usedBytes)} of ${shownGb(totalBytes)} GB`;

/** GB of 10^9 bytes, as providers count. */
const shownGb = (bytes: number): string => {
  const gb = bytes / 1e9;
  return gb >= 10 || Number.isInteger(gb) ? String(Math.round(gb)) : gb.toFixed(1);
};
