import type { Problem } from '../problem.ts';
import { type BackupPlace, describePlace } from './backup-place.ts';

/** What went wrong at a place, as far as it matters for what to do. */
export type PlaceFailureKind =
  /** No answer; `detail` is the rest of a sentence about the place: "can't be reached: ...". */
  | 'unreachable'
  /** The keys of the bucket are wrong or may not do this, or the user's key may not write there. */
  | 'denied'
  | 'no-bucket'
  | 'no-file'
  /** The server does not accept the SSH key. */
  | 'key-refused'
  /** Another host key than the one in haven.yaml. */
  | 'other-host'
  | 'full'
  /** The storage wants another region; `detail` is its name. */
  | 'other-region'
  /** Something else; `detail` is what the place said. */
  | 'refused';

export interface PlaceFailure {
  kind: PlaceFailureKind;
  detail: string;
}

/** A failure in words: what is wrong, and what to do about it. The command to run again is the caller's to add. */
export function placeFailureWords(
  place: BackupPlace,
  { kind, detail }: PlaceFailure,
): Pick<Problem, 'what' | 'remedy'> {
  const isS3 = place.kind === 's3';
  switch (kind) {
    case 'unreachable':
      return { what: detail, remedy: 'Check that it is online, and your connection.' };
    case 'denied':
      return isS3
        ? {
            what: 'the storage refuses the key, or the key may not use this bucket (403).',
            remedy:
              'Check both at the company that runs it, or create new ones. Those of a cloud are changed by: haven secret set backup-s3-key, and backup-s3-secret.',
          }
        : {
            what: `${place.user} may not read or write there.`,
            remedy: 'Check the folder and its permissions on that server.',
          };
    case 'no-bucket':
      return {
        what: 'the storage has no such bucket.',
        remedy: 'Create it, or correct its name.',
      };
    case 'no-file':
      return { what: 'there is no such file.', remedy: 'Check the folder (--folder).' };
    case 'key-refused':
      return {
        what: 'the server does not accept the SSH key.',
        remedy:
          "Add its public half to the server's .ssh/authorized_keys. Of the key of a cloud, haven backup key shows it.",
      };
    case 'other-host':
      return {
        what: `the server shows another host key than the expected one, so another server may be answering. Nothing was sent to it.`,
        remedy:
          'Ask the company that runs it whether its key has changed (ssh-keyscan shows the current one).',
      };
    case 'full':
      return { what: 'there is no space left.', remedy: 'Order more space, or delete something there.' };
    case 'other-region':
      return {
        what: `the storage is in the region "${detail}".`,
        remedy: `Name it: --region ${detail}, or "region: ${detail}" in haven.yaml.`,
      };
    case 'refused':
      return {
        what: `the ${isS3 ? 'storage' : 'server'} refuses: ${detail.replace(/\.$/, '')}.`,
        remedy: 'Look up what it means at the company that runs it.',
      };
  }
}

/** A failure as a problem of the place; `then` is what to run once it is put right. */
export function placeProblem(place: BackupPlace, failure: PlaceFailure, then: string): Problem {
  const { what, remedy } = placeFailureWords(place, failure);
  return { where: describePlace(place), what, remedy: `${remedy} Then run: ${then}` };
}
