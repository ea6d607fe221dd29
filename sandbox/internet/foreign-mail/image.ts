import type { BuildTask } from '../../build/task.ts';
import { bootstrap, hasImage, textHash } from '../../images/images.ts';

/** Postfix, the programs that verify its mail, clients that tests write with, and logins for the relay beside it. */
const packages =
  'postfix postfix-pcre opendkim opendmarc postfix-policyd-spf-python ca-certificates iproute2 procps openssl swaks ' +
  'libnet-ssleay-perl python3-dkim sasl2-bin libsasl2-modules';

export const foreignMailImage = (): string => `openhaven/sandbox-foreign-mail:${textHash(packages)}`;

/** Makes the image. No sandbox starts with it, so only tests of mail wait for it. */
export const foreignMailTasks: BuildTask[] = [
  {
    name: 'Mail server of another company',
    lane: 'network',
    after: [],
    seconds: 60,
    isMade: () => hasImage(foreignMailImage()),
    make: () => bootstrap(foreignMailImage(), packages, []),
  },
];
