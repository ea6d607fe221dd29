/** A zone that domains of the cloud are in. */
export interface PlannedZone {
  name: string;
  /** Its DNS provider, by its id. */
  dns: string;
  /**
   * Of a zone with mail: whether haven has it signed, if its DNS provider can; `off` where haven.yaml says so. Left out for
   * every other zone.
   */
  dnssec?: 'on' | 'off';
}
