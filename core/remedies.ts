/**
 * What an owner can do about a provider's refusal, by the code in its API's answer (docs.hetzner.cloud, "Errors").
 */
const remedies: [RegExp, string][] = [
  [
    /\(resource_unavailable\b/,
    'Hetzner has no server of this type left in this location right now. Set another server.type or server.location in haven.yaml, or wait. Then run: haven up',
  ],
  [
    /\(resource_limit_exceeded\b/,
    'Your Hetzner account has reached its limit for these. Request more in the Hetzner console, under Limits. Then run: haven up',
  ],
  [
    /\(rate_limit_exceeded\b/,
    'There were too many requests to Hetzner. Wait a few minutes, then run: haven up',
  ],
  [
    /not yet verified/,
    'Hetzner has to verify your account first. Follow the steps in the Hetzner console, then run: haven up',
  ],
  [
    /\(uniqueness_error\b/,
    'Something with this name already exists in your Hetzner project and does not belong to this cloud. Rename or delete it in the Hetzner console, then run: haven up',
  ],
  [
    /\((unauthorized|forbidden)\b/,
    'The token has no permission for this. Create one with "Read & Write" in the Hetzner console, then run: haven secret set hcloud-token',
  ],
];

/** What to do about an error of the engine or a provider; empty when its own words are enough. */
export function remedyFor(error: string): string {
  return remedies.find(([pattern]) => pattern.test(error))?.[1] ?? '';
}
