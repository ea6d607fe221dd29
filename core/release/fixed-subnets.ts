/**
 * Where the bridges of services with fixed addresses are (`subnet` in service.ts): outside of what Docker gives to all
 * others (agent/server/server-files.ts).
 */
export const fixedSubnets = '172.30.0.0/16';

/** Whether a subnet, as text, is one of them. */
export const isFixedSubnet = (subnet: string): boolean => /^172\.30\.\d+\.\d+\/(1[6-9]|2\d)$/.test(subnet);
