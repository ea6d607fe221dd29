import assert from 'node:assert/strict';
import { server, visitor } from './mail-lab.ts';

/** An email in a folder, as a mail program shows it: its flags are sorted. */
export interface Shown {
  subject: string;
  flags: string[];
}

/** What a mail program does to a mailbox before it shows it. */
export type MailboxAction =
  | { create: string }
  /** The first email of a folder, with these flags, is copied to another. */
  | { copyFrom: string; copyTo: string; flags: string[] };

/**
 * A user's mail program (Python's imaplib) on the computer elsewhere: does the actions, then answers with each folder by name,
 * as IMAP writes it (RFC 3501 §5.1.3), and with the folders that are subscribed.
 */
export async function useMailbox(
  user: string,
  password: string,
  actions: MailboxAction[] = [],
): Promise<{ folders: Record<string, Shown[]>; subscribed: string[]; refused?: string }> {
  const order = { host: server.ipv4, user, password, actions };
  const { code, stdout, stderr } = await visitor.run(['python3', '-c', program, JSON.stringify(order)]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

const program = `
import email, imaplib, json, re, ssl, sys
order = json.loads(sys.argv[1])
tls = ssl.create_default_context()
tls.check_hostname = False
tls.verify_mode = ssl.CERT_NONE
client = imaplib.IMAP4_SSL(order['host'], 993, ssl_context=tls, timeout=60)
try:
    client.login(order['user'], order['password'])
except imaplib.IMAP4.error as error:
    print(json.dumps({'folders': {}, 'subscribed': [], 'refused': str(error)}))
    sys.exit()
def must(answer):
    assert answer[0] == 'OK', answer
    return answer[1]
for action in order['actions']:
    if 'create' in action:
        must(client.create('"' + action['create'] + '"'))
    else:
        must(client.select('"' + action['copyFrom'] + '"'))
        must(client.store('1', 'FLAGS', '(' + ' '.join(action['flags']) + ')'))
        must(client.copy('1', '"' + action['copyTo'] + '"'))
names = lambda lines: [re.search(rb'"/" "?([^"]*)"?$', line).group(1).decode() for line in lines if line and not re.search(rb'(?i)noselect|nonexistent', line)]
folders = {}
for name in names(must(client.list())):
    must(client.select('"' + name + '"', readonly=True))
    shown = []
    for number in must(client.search(None, 'ALL'))[0].split():
        parts = must(client.fetch(number, '(FLAGS RFC822)'))
        head = b' '.join(part[0] if isinstance(part, tuple) else part for part in parts)
        flags = sorted(flag.decode() for flag in imaplib.ParseFlags(head) if flag != b'\\\\Recent')
        shown.append({'subject': email.message_from_bytes(parts[0][1])['Subject'], 'flags': flags})
    folders[name] = shown
print(json.dumps({'folders': folders, 'subscribed': names(must(client.lsub()))}))
`;
