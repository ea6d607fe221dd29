import assert from 'node:assert/strict';
import { visitor } from './mail-lab.ts';

/** What a Python script prints on the visitor's computer, as JSON. It finds `order` as JSON in its first argument. */
export async function onVisitor<T>(script: string, order: object, timeoutMs = 300_000): Promise<T> {
  const done = await visitor.run(['python3', '-', JSON.stringify(order)], { input: script, timeoutMs });
  assert.equal(done.code, 0, done.stderr);
  return JSON.parse(done.stdout);
}

/** Each script knows `order`, and writes its answer with `tell`. */
const prelude = `
import imaplib, io, json, smtplib, socket, ssl, sys, time, zipfile
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
order = json.loads(sys.argv[1])
unverified = ssl.create_default_context()
unverified.check_hostname = False
unverified.verify_mode = ssl.CERT_NONE
def tell(answer): print(json.dumps(answer))
def said(code, text): return {'code': code, 'text': text.decode(errors='replace')}
def mx():
    client = smtplib.SMTP(order['host'], 25, local_hostname='visitor.example', timeout=240)
    client.ehlo()
    return client
def raw():
    connection = socket.create_connection((order['host'], 25), timeout=60)
    return connection, connection.makefile('rwb', buffering=0)
def answer(lines):
    text = b''
    while True:
        line = lines.readline()
        text += line
        if len(line) < 4 or line[3:4] != b'-': return text.decode(errors='replace')
def talk(lines, *commands):
    for command in commands:
        lines.write(command.encode() + b'\\r\\n')
        answer(lines)
`;

/** Moves an email by its subject as a mail program does (MOVE, RFC 6851), from one folder to another. */
export const moveScript = `${prelude}
client = imaplib.IMAP4_SSL(order['host'], 993, ssl_context=unverified, timeout=60)
client.login(order['user'], order['password'])
client.select(order['from'])
_, found = client.uid('SEARCH', 'SUBJECT', '"%s"' % order['subject'])
began = time.time()
moved = client.uid('MOVE', found[0].split()[0].decode(), order['to'])[0] if found[0] else 'not found'
tell({'moved': moved, 'seconds': time.time() - began})
`;

/** Sends an email of so many megabytes without a word about its size. */
export const largeScript = `${prelude}
client = mx()
client.mail(order['from'])
client.rcpt(order['to'])
line = b'x' * 70 + b'\\r\\n'
try:
    tell(said(*client.data(order['message'].encode() + line * (order['megabytes'] * 1000000 // len(line)))))
except smtplib.SMTPServerDisconnected:
    tell(said(0, b'disconnected'))
`;

/** Sends what is small and grows when it is unpacked: a gigabyte of zeros in a zip in a zip, and 3,000 nested and 20,000 empty MIME parts. */
export const bombScript = `${prelude}
def zipped(name, write):
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED) as archive:
        with archive.open(name, 'w', force_zip64=True) as inner: write(inner)
    return file.getvalue()
def zeros(inner):
    for _ in range(1000): inner.write(bytes(1000000))
bomb = zipped('bomb.zip', lambda inner: inner.write(zipped('zeros', zeros)))
attached = MIMEMultipart()
attached.attach(MIMEApplication(bomb, 'zip', Name='bomb.zip'))
nested = ''.join('Content-Type: multipart/mixed; boundary="b%d"\\r\\n\\r\\n--b%d\\r\\n' % (n, n) for n in range(3000))
flat = 'Content-Type: multipart/mixed; boundary="b"\\r\\n\\r\\n' + '--b\\r\\n\\r\\nx\\r\\n' * 20000 + '--b--\\r\\n'
answers = []
for subject, content in zip(order['subjects'], [attached.as_bytes(), nested.encode(), flat.encode()]):
    client = mx()
    client.mail(order['from'])
    client.rcpt(order['to'])
    head = 'From: <%s>\\r\\nTo: <%s>\\r\\nSubject: %s\\r\\nMIME-Version: 1.0\\r\\n' % (order['from'], order['to'], subject)
    answers.append(said(*client.data(head.encode() + content.replace(b'MIME-Version: 1.0\\n', b''))))
tell(answers)
`;

/** Names a recipient again and again, and answers with how often each code came. */
export const recipientsScript = `${prelude}
client = mx()
client.mail(order['from'])
codes = {}
try:
    for _ in range(order['times']):
        code, _ = client.rcpt(order['to'])
        codes[code] = codes.get(code, 0) + 1
except smtplib.SMTPServerDisconnected:
    codes['disconnected'] = 1
tell(codes)
`;

/** Sends a command byte by byte, one each so many seconds, until the server ends that; answers with how long it took. */
export const slowScript = `${prelude}
connections = [raw() for _ in range(order['connections'])]
for _, lines in connections: answer(lines)
began = time.time()
ended = 0
while time.time() - began < order['longest'] and ended < len(connections):
    for connection, lines in connections:
        if connection.fileno() < 0: continue
        try:
            lines.write(b'E')
            connection.settimeout(0.01)
            heard = connection.recv(1000)
            closes = heard == b'' or b'421' in heard
        except TimeoutError: closes = False
        except OSError: closes = True
        if closes:
            lines.close()
            connection.close()
            ended += 1
    time.sleep(order['every'])
tell({'ended': ended, 'seconds': time.time() - began})
`;

/** Hides a second email behind an end of data that is none (SMTP smuggling), and answers with what the server says. */
export const smuggleScript = `${prelude}
connection, lines = raw()
answer(lines)
talk(lines, 'EHLO visitor.example', 'MAIL FROM:<%s>' % order['from'], 'RCPT TO:<%s>' % order['to'], 'DATA')
hidden = 'MAIL FROM:<%s>\\r\\nRCPT TO:<%s>\\r\\nDATA\\r\\n%s' % (order['from'], order['to'], order['hidden'])
lines.write((order['message'] + order['end'] + hidden + '\\r\\n.\\r\\nQUIT\\r\\n').encode())
text = b''
try:
    connection.settimeout(20)
    while chunk := connection.recv(4096): text += chunk
except OSError: pass
tell({'text': text.decode(errors='replace')})
`;

/** Sends commands in the clear together with STARTTLS, and answers with what the server says about them after TLS has begun. */
export const injectScript = `${prelude}
connection, lines = raw()
answer(lines)
talk(lines, 'EHLO visitor.example')
lines.write(b'STARTTLS\\r\\nEHLO injected.example\\r\\nMAIL FROM:<injected@elsewhere.example>\\r\\n')
first = answer(lines)
try:
    secured = unverified.wrap_socket(connection)
    inside = secured.makefile('rwb', buffering=0)
    inside.write(b'EHLO visitor.example\\r\\n')
    greeting = answer(inside)
    inside.write(b'RCPT TO:<ada@cloud.example>\\r\\n')
    tell({'first': first, 'greeting': greeting, 'rcpt': answer(inside)})
except OSError as error:
    tell({'first': first, 'ended': type(error).__name__})
`;

/** Sends an email in two chunks of BDAT (RFC 3030), with text outside of ASCII as it is (RFC 6152). */
export const chunksScript = `${prelude}
connection, lines = raw()
answer(lines)
talk(lines, 'EHLO visitor.example', 'MAIL FROM:<%s> BODY=8BITMIME' % order['from'], 'RCPT TO:<%s>' % order['to'])
content = order['message'].encode()
half = len(content) // 2
lines.write(b'BDAT %d\\r\\n' % half + content[:half])
first = answer(lines)
lines.write(b'BDAT %d LAST\\r\\n' % (len(content) - half) + content[half:])
tell({'first': first, 'last': answer(lines)})
`;
