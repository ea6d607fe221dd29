import { planRecords } from '../../core/dns/plan-records.ts';

/** The records of a cloud whose only service on the web is the website, as `www.example.org A`. */
export const plannedFor = (domain: string): string[] =>
  planRecords({
    zones: [domain],
    owner: { name: 'Ada', email: 'ada@example.org' },
    hostName: `haven.${domain}`,
    hosts: [`www.${domain}`],
  }).map(({ name, type }) => `${name} ${type}`);
