/** Whether a service, or what it stands on, works; with what was seen. */
export interface ServiceStatus {
  service: string;
  good: boolean;
  evidence: string;
  url?: string;
}
