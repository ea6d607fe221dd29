/** What a provider's refusal means for an owner, by the code that its API gives (docs.hetzner.cloud, "Errors"). */
const remedies: [RegExp, string][] = [
  [
    /\(resource_unavailable\b/,
    'Hetzner has no such machine free there now. Set another server.type or server.location in haven.yaml, or wait; then type: haven up',
  ],
  [
    /\(resource_limit_exceeded\b/,
    'Your Hetzner account may not have more of these. Ask for more in its console, under Limits; then type: haven up',
  ],
  [/\(rate_limit_exceeded\b/, 'Hetzner is asked too often. Wait some minutes, then type: haven up'],
  [
    /not yet verified/,
    'Hetzner wants to know who you are first. Follow what its console asks, then type: haven up',
  ],
  [
    /\(uniqueness_error\b/,
    "Something with this name is there already and does not carry this cloud's label. Rename or delete it in Hetzner's console, then type: haven up",
  ],
  [
    /\((unauthorized|forbidden)\b/,
    'The token may not do that. Make one with "Read & Write" in the console, then type: haven secret set hcloud-token',
  ],
];

/** What to do about an error of the engine or a provider; empty where its own words have to do. */
export function remedyFor(error: string): string {
  return remedies.find(([pattern]) => pattern.test(error))?.[1] ?? '';
}
