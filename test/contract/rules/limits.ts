import { each, type Rule, unless } from '../rule.ts';
import { buildFolder, type Container, type Subject } from '../subject.ts';

const megabytes = (text: string | undefined): number => {
  const match = /^(\d+)([mg])b?$/i.exec(text ?? '');
  return match ? Number(match[1]) * (match[2]!.toLowerCase() === 'g' ? 1024 : 1) : 0;
};

export const memoryLimit = ({ memLimit }: Container): number => megabytes(memLimit);

/** What runs once has ended when the others run. */
const memoryOf = ({ renderedContainers }: Subject): number =>
  renderedContainers
    .filter(({ runsOnce }) => !runsOnce)
    .reduce((total, { memLimit }) => total + megabytes(memLimit), 0);

export const limitRules: Rule[] = [
  {
    id: 'memory-limit',
    check: ({ containers }) =>
      each(
        containers,
        ({ memLimit }) => megabytes(memLimit) === 0,
        ({ name }) => `Container "${name}" has no mem_limit. Write it in m or g, such as 128m.`,
      ),
  },
  {
    id: 'memory-sum',
    check: (subject) =>
      unless(
        // A limit that is missing has a rule of its own.
        subject.containers.some(({ memLimit }) => megabytes(memLimit) === 0) ||
          memoryOf(subject) === subject.definition.memoryMb,
        `memoryMb is ${subject.definition.memoryMb}, and its containers may use ${memoryOf(subject)} MB${subject.definition.needs?.database ? ', the database included' : ''}. Write ${memoryOf(subject)}.`,
      ),
  },
  {
    id: 'health-check',
    check: ({ definition }) =>
      unless(
        definition.healthChecks.length > 0,
        'healthChecks is empty. Name a page that answers when the service works.',
      ),
  },
  {
    id: 'container-health-check',
    check: (subject) =>
      each(
        subject.containers.filter(({ runsOnce }) => !runsOnce),
        (container) => {
          const folder = buildFolder(subject, container);
          const inImage = /^HEALTHCHECK /m.test((folder && subject.dockerfile(folder)) ?? '');
          return !container.healthcheck && !inImage;
        },
        ({ name }) => `Container "${name}" has no health check. Add healthcheck with a test to compose.yaml.`,
      ),
  },
];
