/** The version of haven that this agent belongs to. `agent/build.ts` writes it into the bundle. */
export const agentVersion: string = process.env.HAVEN_AGENT_VERSION ?? '0.0.0';
