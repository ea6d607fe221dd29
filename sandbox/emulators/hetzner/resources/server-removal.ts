import type { Project } from '../project/project.ts';

/** Removes a server and what ends with it. Its volumes and the addresses that are not its own stay, free. */
export async function removeServer(project: Project, id: number): Promise<void> {
  const server = project.server(id);
  const { state, dataCentre } = project;
  for (const volume of state.volumes) {
    if (volume.server !== id) continue;
    await dataCentre.detachVolume(id, volume.id);
    volume.server = null;
  }
  await dataCentre.deleteServer(id);
  for (const firewall of state.firewalls) firewall.servers = firewall.servers.filter((each) => each !== id);
  for (const ip of state.primary_ips) if (ip.assignee_id === id) ip.assignee_id = null;
  state.primary_ips = state.primary_ips.filter(
    (ip) => !(ip.auto_delete && (ip.id === server.ipv4 || ip.id === server.ipv6)),
  );
  state.servers = state.servers.filter((each) => each.id !== id);
  await project.enforce();
  project.save();
}
