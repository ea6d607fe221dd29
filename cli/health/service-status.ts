/** Whether a service or a disk is as it should be, with what was seen. */
export interface ServiceStatus {
  service: string;
  good: boolean;
  evidence: string;
  url?: string;
}
