import type { BackupPlace } from './backup-place.ts';

/**
 * Why restic or the ssh(1) that it runs failed, as one sentence for an owner with what to do. The texts are those of
 * restic 0.18, of minio-go, which speaks S3 for it, and of OpenSSH; statuses are restic's
 * (restic.readthedocs.io/en/stable/075_scripting.html#exit-codes).
 */
export interface ResticFailure {
  /** For programs: what it is about. */
  kind: FailureKind;
  text: string;
  /** Whether it stays as it is until the owner changes something: then trying again is of no use. */
  isLasting: boolean;
}

type FailureKind =
  | 'incomplete'
  | 'access-key'
  | 'secret'
  | 'rights'
  | 'bucket'
  | 'region'
  | 'request'
  | 'clock'
  | 'certificate'
  | 'no-tls'
  | 'host-key'
  | 'ssh-key'
  | 'no-sftp'
  | 'folder'
  | 'full'
  | 'unreachable'
  | 'password'
  | 'no-repository'
  | 'locked'
  | 'unknown';

/** `status` is the exit status; null if it was stopped. `output` is what it printed, ssh included. */
export interface ResticEnd {
  status: number | null;
  output: string;
}

interface Reading {
  kind: FailureKind;
  match: (end: ResticEnd) => boolean;
  what: (place: BackupPlace, output: string) => string;
  fix: (place: BackupPlace) => string;
  isLasting: boolean;
}

const says =
  (pattern: RegExp) =>
  ({ output }: ResticEnd): boolean =>
    pattern.test(output);

const nameOf = (place: BackupPlace): string =>
  place.kind === 's3' ? new URL(place.endpoint).host : place.host;
const settingOf = (place: BackupPlace): string => `backups.${place.kind} in haven.yaml`;
const bucketOf = (place: BackupPlace): string => (place.kind === 's3' ? `bucket "${place.bucket}"` : 'it');
const setKey = 'Set both again: haven secret set backup-s3-key, haven secret set backup-s3-secret';
const thenUp = 'Then run: haven up';
const retried = 'The server tries again each hour.';

/** What means that the storage can't be reached, or fails itself, and what to say of it. */
const unreachable: [RegExp, string][] = [
  [/no such host|could not resolve hostname/i, ': its name does not exist'],
  [/connection refused/i, ': nothing listens at its address'],
  [/no route to host|network is unreachable/i, ': no network leads to it'],
  [/timed out|i\/o timeout|timeout exceeded|deadline exceeded/i, ': it does not answer'],
  [
    /Error response code 5\d\d|InternalError|ServiceUnavailable|SlowDown|reduce your request rate|internal error/i,
    ': it has a fault',
  ],
  [
    /connection reset|broken pipe|unexpected EOF|connection closed|unable to start the sftp session/i,
    ': the connection ended',
  ],
];

/** The first that fits counts, so what is particular comes before what is general. */
const readings: Reading[] = [
  {
    kind: 'incomplete',
    match: ({ status }) => status === 3,
    what: (_place, output) =>
      `Some files could not be read${unreadText(output)}, so this backup was not kept.`,
    fix: () => retried,
    isLasting: false,
  },
  {
    kind: 'password',
    match: ({ status, output }) => status === 12 || /wrong password or no key found/.test(output),
    what: (place) =>
      `The backups in folder "${place.folder}" are encrypted with another password than this cloud's.`,
    fix: (place) =>
      `They may be those of another cloud. Choose another folder (${settingOf(place)}), or restore the secrets.age that they were made with.   ${thenUp}`,
    isLasting: true,
  },
  {
    kind: 'access-key',
    match: says(/InvalidAccessKeyId|access key id you provided does not exist/i),
    what: (place) => `${nameOf(place)} does not know the access key.`,
    fix: () => `${setKey}   ${thenUp}`,
    isLasting: true,
  },
  {
    kind: 'secret',
    match: says(/SignatureDoesNotMatch|signature we calculated does not match/i),
    what: (place) => `${nameOf(place)} does not accept the secret of the access key.`,
    fix: () => `${setKey}   ${thenUp}`,
    isLasting: true,
  },
  {
    kind: 'bucket',
    match: says(/NoSuchBucket|specified bucket does not exist/i),
    what: (place) => `${nameOf(place)} has no ${bucketOf(place)}.`,
    fix: (place) => `Create it there, or fix ${settingOf(place)}.   ${thenUp}`,
    isLasting: true,
  },
  {
    kind: 'region',
    match: says(/AuthorizationHeaderMalformed|the region .{1,80} is wrong/i),
    what: (place) => `${nameOf(place)} is in another region than haven.yaml says.`,
    fix: () => `Set backups.s3.region to the region of the bucket, or leave it out.   ${thenUp}`,
    isLasting: true,
  },
  {
    kind: 'clock',
    match: says(/RequestTimeTooSkewed|difference between the request time and .* too large/i),
    what: (place) => `The server's clock differs from that of ${nameOf(place)} by more than 15 minutes.`,
    fix: () => "To see the server's clock, run: haven status   It is set over the network within minutes.",
    isLasting: false,
  },
  {
    kind: 'full',
    match: says(
      /no space left on device|QuotaExceeded|not enough space|quota (exceeded|exhausted)|disk quota|InsufficientStorage|storage is full|insufficient storage/i,
    ),
    what: (place) => `The storage at ${nameOf(place)} is full.`,
    fix: () => `Book more space there, or keep fewer backups (backups.keep in haven.yaml).   ${thenUp}`,
    isLasting: false,
  },
  {
    kind: 'rights',
    match: says(/AccessDenied|access denied|AllAccessDisabled|403 Forbidden/i),
    what: (place) => `${nameOf(place)} does not let the access key read and write ${bucketOf(place)}.`,
    fix: () =>
      `Give it both rights at your provider. If it has them, key or secret are wrong. ${setKey}   ${thenUp}`,
    isLasting: true,
  },
  {
    kind: 'no-tls',
    match: says(/server gave HTTP response to HTTPS client|first record does not look like a TLS handshake/),
    what: (place) => `${nameOf(place)} does not answer with TLS.`,
    fix: (place) => `Check ${settingOf(place)}.   ${thenUp}`,
    isLasting: true,
  },
  {
    kind: 'certificate',
    match: says(/x509: |tls: failed to verify certificate/),
    what: (place, output) => `The certificate of ${nameOf(place)} is not trusted${certificateText(output)}.`,
    fix: (place) => `Check the name in ${settingOf(place)}, or ask your provider.   ${thenUp}`,
    isLasting: true,
  },
  {
    kind: 'host-key',
    match: says(/Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|host key is known/),
    what: (place) => `${nameOf(place)} shows another host key than the one in haven.yaml.`,
    fix: (place) =>
      `Compare the key that your provider publishes. If it is a new one, set backups.sftp.hostKey in haven.yaml.   ${thenUp}   If it is not, someone else may answer at ${nameOf(place)}: nothing was sent.`,
    isLasting: true,
  },
  {
    kind: 'ssh-key',
    match: says(/Permission denied \(|Too many authentication failures|no mutual signature/),
    what: (place) => `${nameOf(place)} does not accept the key of this cloud.`,
    fix: () =>
      'To see the line that belongs into authorized_keys there, run: haven backup key   Then run: haven backup now',
    isLasting: true,
  },
  {
    kind: 'no-sftp',
    match: says(/subsystem request failed|administratively prohibited/),
    what: (place) => `${nameOf(place)} does not offer SFTP.`,
    fix: (place) => `Enable it at your provider, or fix ${settingOf(place)}.   ${thenUp}`,
    isLasting: true,
  },
  {
    kind: 'folder',
    match: says(/sftp: ["“]?permission denied|: permission denied|SSH_FX_PERMISSION_DENIED/i),
    what: (place) => `The user may not write to folder "${place.folder}" at ${nameOf(place)}.`,
    fix: (place) => `Give the user that right there, or fix ${settingOf(place)}.   ${thenUp}`,
    isLasting: true,
  },
  {
    kind: 'locked',
    match: ({ status, output }) => status === 11 || /repository is already locked/.test(output),
    what: () => 'Another computer is working on these backups, or was interrupted in the last 30 minutes.',
    fix: () => retried,
    isLasting: false,
  },
  {
    kind: 'no-repository',
    match: ({ status, output }) => status === 10 || /repository does not exist/.test(output),
    what: (place) => `Folder "${place.folder}" at ${nameOf(place)} has no backups.`,
    fix: (place) => `Check ${settingOf(place)}. If it is right, this makes the first ones: haven backup now`,
    isLasting: true,
  },
  {
    kind: 'request',
    match: says(/400 Bad Request/),
    what: (place) => `${nameOf(place)} does not accept requests as haven.yaml describes it.`,
    fix: (place) => `Check ${settingOf(place)}, also whether it needs a region.   ${thenUp}`,
    isLasting: true,
  },
  {
    kind: 'unreachable',
    match: ({ status, output }) => status === null || unreachable.some(([pattern]) => pattern.test(output)),
    what: (place, output) => `${nameOf(place)} can't be reached${reachText(output)}.`,
    fix: (place) => `${retried} If it lasts, check ${settingOf(place)} and ask your provider.`,
    isLasting: false,
  },
];

/** The first file that `restic backup --json` could not read. */
function unreadText(output: string): string {
  const item = /"message_type":"error".*"item":"((?:[^"\\]|\\.)*)"/.exec(output)?.[1];
  return item === undefined ? '' : `, ${item} among them`;
}

/** What Go says about a certificate (crypto/x509), such as `certificate has expired`. */
function certificateText(output: string): string {
  const said = /x509: ([^\n"]{1,160})/.exec(output)?.[1];
  return said === undefined ? '' : ` (${said.trim()})`;
}

const reachText = (output: string): string =>
  unreachable.find(([pattern]) => pattern.test(output))?.[1] ?? '';

export function readResticFailure(end: ResticEnd, place: BackupPlace): ResticFailure {
  const found = readings.find(({ match }) => match(end));
  if (found) {
    const { kind, what, fix, isLasting } = found;
    return { kind, text: `${what(place, end.output)} ${fix(place)}`, isLasting };
  }
  const said = lastWords(end.output);
  return {
    kind: 'unknown',
    text: `restic failed (status ${end.status})${said === '' ? '' : `: ${said}`}. ${retried}`,
    isLasting: false,
  };
}

/** The last line that is for people; of `--json` the message in it. */
function lastWords(output: string): string {
  const lines = output.split('\n').flatMap((line) => {
    const message = /"message":"((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
    if (message !== undefined) return [message.replaceAll('\\n', ' ')];
    return line.startsWith('{') || line.trim() === '' ? [] : [line.trim()];
  });
  return (lines.findLast((line) => /fatal|error/i.test(line)) ?? lines.at(-1) ?? '')
    .replace(/^Fatal: /, '')
    .slice(0, 300);
}
