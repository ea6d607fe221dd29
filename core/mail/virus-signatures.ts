/** ClamAV's makers publish signatures at least once a day (docs.clamav.net, "Updating Signature Databases"). */
const oldMs = 7 * 24 * 60 * 60_000;

/** How many bytes of a file of signatures its header takes (libclamav/cvd.c). */
export const signaturesHeaderBytes = 512;

/**
 * When a file of signatures was made, in milliseconds since 1970, by the last field of its header; undefined for a file of another
 * kind. The file's own time would only say when it was downloaded.
 */
export function signaturesMadeAt(header: string): number | undefined {
  const seconds = /^ClamAV-VDB:(?:[^:]*:){7}(\d{1,10})\s*$/.exec(header)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** The signatures of a service's virus scanner, of which `madeAt` is the newest. Both times are in milliseconds since 1970. */
export function judgeSignatures(
  service: string,
  madeAt: number,
  now: number,
): { isOld: boolean; what: string; fix: string } {
  const days = Math.max(0, Math.floor((now - madeAt) / (24 * 60 * 60_000)));
  const age = days === 0 ? 'less than a day' : days === 1 ? '1 day' : `${days} days`;
  return {
    isOld: now - madeAt > oldMs,
    what: `The signatures of the virus scanner of ${service} are ${age} old`,
    fix: `Newer viruses are not found. The scanner looks for new signatures every two hours. To see why it gets none, run: haven logs ${service}   To start it again, run: haven restart ${service}`,
  };
}
