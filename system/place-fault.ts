/** How long one file may take, in milliseconds, connection included. A file has up to 40 MB. */
export const placeLimits = { fileMs: 30_000 };

/** What can go wrong at a place; core/backups/place-failure.ts has the sentence for each. */
export type PlaceFaultKind =
  | 'unreachable'
  | 'denied'
  | 'no-bucket'
  | 'no-file'
  | 'key-refused'
  | 'other-host'
  | 'full'
  | 'other-region'
  | 'refused';

/** A place did not do what it was asked. */
export class PlaceFault extends Error {
  readonly kind: PlaceFaultKind;
  /** For `unreachable` the rest of a sentence about the place; otherwise its own words, or nothing. */
  readonly detail: string;

  constructor(kind: PlaceFaultKind, detail = '') {
    super(detail === '' ? kind : `${kind}: ${detail}`);
    this.kind = kind;
    this.detail = detail;
  }
}
