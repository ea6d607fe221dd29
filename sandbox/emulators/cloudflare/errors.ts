/** An answer of the API that refuses a request; `code` is what clients look at. */
export class CloudflareError extends Error {
  readonly status: number;
  readonly code: number;
  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Refused by name: a client must not rely on what the emulator does not do. */
export const unknownPath = (method: string, path: string) =>
  new CloudflareError(404, 7000, `No route for that URI: the sandbox has no ${method} ${path}`);

/** A record that is not valid in itself. */
export const invalidRecord = (message: string) => new CloudflareError(400, 9005, message);
