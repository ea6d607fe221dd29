/**
 * Server types and locations that haven.yaml accepts, with the facts that a plan needs offline. Availability and
 * prices change often, so they come from Hetzner's API when a plan is made (GET /server_types, /pricing).
 */
export const hetznerTypes: Record<string, { memoryGb: number; cores: number; architecture: 'x86' | 'arm' }> =
  {
    cx23: { memoryGb: 4, cores: 2, architecture: 'x86' },
    cx33: { memoryGb: 8, cores: 4, architecture: 'x86' },
    cx43: { memoryGb: 16, cores: 8, architecture: 'x86' },
    cx53: { memoryGb: 32, cores: 16, architecture: 'x86' },
    cpx22: { memoryGb: 4, cores: 2, architecture: 'x86' },
    cpx32: { memoryGb: 8, cores: 4, architecture: 'x86' },
    cax11: { memoryGb: 4, cores: 2, architecture: 'arm' },
    cax21: { memoryGb: 8, cores: 4, architecture: 'arm' },
    cax31: { memoryGb: 16, cores: 8, architecture: 'arm' },
  };

/** Types that Hetzner offers and that haven.yaml does not accept yet: `haven` says so instead of "there is no such type". */
export const unsupportedHetznerTypes: readonly string[] = [
  'cax41',
  ...['cpx11', 'cpx12', 'cpx21', 'cpx31', 'cpx41', 'cpx42', 'cpx51', 'cpx52', 'cpx62'],
  ...['ccx13', 'ccx23', 'ccx33', 'ccx43', 'ccx53', 'ccx63'],
];

export const hetznerLocations: Record<string, string> = {
  fsn1: 'Falkenstein, Germany',
  nbg1: 'Nuremberg, Germany',
  hel1: 'Helsinki, Finland',
  ash: 'Ashburn, United States',
  hil: 'Hillsboro, United States',
  sin: 'Singapore',
};

/** Memory that Debian, Docker and the agent use before any service runs, in MB. */
export const systemMemoryMb = 700;
