/** After a type that is sold out. */
export const soldOut =
  'Hetzner has no server of this type left in this location right now. Set another server.type or server.location in haven.yaml, or wait. Then run: haven up';

/** Whether an error says that a type is sold out: its code is in it. */
export const isSoldOut = (error: string): boolean => /\((resource_unavailable|placement_error)\b/.test(error);

/**
 * What an owner can do about a provider's refusal, by the code in its API's answer (docs.hetzner.cloud, "Errors").
 */
const remedies: Record<string, string> = {
  resource_unavailable: soldOut,
  placement_error: soldOut,
  no_space_left_in_location:
    'Hetzner has no space for this volume in this location right now. Set another server.location in haven.yaml, or wait. Then run: haven up',
  conflict: 'Something else is changing it right now. Wait a few minutes, then run the command again.',
  locked: 'Something else is changing it right now. Wait a few minutes, then run the command again.',
  resource_limit_exceeded:
    'Your Hetzner account has reached its limit for these. Request more in the Hetzner console, under Limits. Then run: haven up',
  rate_limit_exceeded: 'There were too many requests to Hetzner. Wait a few minutes, then run: haven up',
  uniqueness_error:
    'Something with this name already exists in your Hetzner project and does not belong to this cloud. Rename or delete it in the Hetzner console, then run: haven up',
  token_readonly: readWrite(),
  unauthorized: readWrite(),
  forbidden: readWrite(),
};

function readWrite(): string {
  return 'The token has no permission for this. Create one with "Read & Write" in the Hetzner console, then run: haven secret set hcloud-token';
}

/** What to do about a refusal with this code and these words; empty when its own words are enough. */
export function remedyOf(code: string | undefined, words: string): string {
  if (/not yet verified/.test(words))
    return 'Hetzner has to verify your account first. Follow the steps in the Hetzner console, then run: haven up';
  return (code !== undefined && Object.hasOwn(remedies, code) && remedies[code]) || '';
}
