import type { Invitation } from '../steward/people.ts';
import { askPeople, loginHost } from './people-link.ts';
import type { Project } from './project.ts';

/** A way in for somebody; where their second factor is lost, what there was of it is taken away first. */
export const invite = (project: Project, name: string, newSecondFactor = false): Promise<Invitation> =>
  askPeople<Invitation>({ ask: 'invite', name, host: loginHost(project), newSecondFactor }, project);

/** The same for whoever has to hand it on. */
export const describeInvitation = ({ name, link, hours }: Invitation): string[] => [
  `  Send ${name} this link, by a way that only ${name} reads. It is good for once, for ${hours} hours:`,
  `\n    ${link}\n`,
  `  There ${name} chooses a password. The name to log in with is: ${name}`,
];
