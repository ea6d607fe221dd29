/** A provider's API refused a call; says which, and in the provider's own words why. */
export class ApiError extends Error {
  readonly status: number;

  constructor(who: string, status: number, call: string, why: string) {
    super(`${who} answers ${status} to ${call}${why ? `: ${why}` : ''}`);
    this.status = status;
  }
}
