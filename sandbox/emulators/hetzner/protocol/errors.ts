/** An answer of the API that refuses a request; `code` is what clients look at. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Record<string, unknown>;

  constructor(status: number, code: string, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export const notFound = (singular: string, id: string | number) =>
  new ApiError(404, 'not_found', `${singular} with ID '${id}' not found`);

export const invalid = (field: string, message: string) =>
  new ApiError(422, 'invalid_input', `invalid input in field '${field}'`, {
    fields: [{ name: field, messages: [message] }],
  });

/** Refused by name: a client must not rely on what the emulator does not do. */
export const unknownPath = (method: string, path: string) =>
  new ApiError(404, 'not_found', `the sandbox has no ${method} ${path}`);
