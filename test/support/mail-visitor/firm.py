#!/usr/bin/python3
"""
A firm at work with its mail server, for some minutes: `firm.py '{…}'`. Each user has a mail program open, which waits (IDLE, RFC 2177)
and fetches what arrives. Each second an email arrives from elsewhere, one is sent to elsewhere, each over a connection of its own,
and a page of webmail is opened: by one user after the other. Prints JSON: how many of each, and what failed.
"""
import http.client, imaplib, json, os, random, re, smtplib, socket, ssl, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

order = json.loads(sys.argv[1])
host, users, webmail = order['host'], order['users'], order['webmail']
end = time.monotonic() + order['minutes'] * 60
counted = {'received': 0, 'sent': 0, 'pages': 0, 'fetched': 0}
failures = []
lock = threading.Lock()
unverified = ssl.create_default_context()
unverified.check_hostname = False
unverified.verify_mode = ssl.CERT_NONE
words = [''.join(random.choices('abcdefghijklmnopqrstuvwxyz', k=random.randint(2, 10))) for _ in range(5000)]


def count(what):
    with lock:
        counted[what] += 1


def attempt(what, work, *given):
    try:
        work(*given)
        count(what)
    except Exception as error:
        with lock:
            failures.append(f'{what}: {type(error).__name__}: {error}')


def make_email(sender, recipient):
    """Text and the same as HTML; every tenth with an attachment of 200 KB."""
    text = '\n'.join(' '.join(random.choices(words, k=12)) for _ in range(random.randint(5, 100)))
    message = EmailMessage()
    message['From'], message['To'] = sender, recipient
    message['Subject'] = ' '.join(random.choices(words, k=5))
    message['Date'], message['Message-ID'] = formatdate(), make_msgid(domain='load.example')
    message.set_content(text)
    message.add_alternative('<html><body>' + ''.join(f'<p>{line}</p>' for line in text.split('\n')) + '</body></html>', subtype='html')
    if random.random() < 0.1:
        message.add_attachment(os.urandom(200_000), maintype='application', subtype='pdf', filename='report.pdf')
    return message


def receive(user):
    with smtplib.SMTP(host, 25, local_hostname='mx.elsewhere.example', timeout=60) as client:
        client.starttls(context=unverified)
        client.send_message(make_email(order['stranger'], user['address']))


def send(user):
    with smtplib.SMTP(host, 587, local_hostname='laptop.example', timeout=60) as client:
        client.starttls(context=unverified)
        client.login(user['name'], user['password'])
        client.send_message(make_email(user['address'], order['stranger']))


# And what each must have in it. The list is what a browser fetches for the page of the inbox. Each user has an email when it is asked
# for the first one.
pages = [
    ('/?_task=mail&_mbox=INBOX', 'id="messagelist"'),
    ('/?_task=mail&_action=list&_mbox=INBOX&_remote=1', 'add_message_row'),
    ('/?_task=mail&_action=show&_mbox=INBOX&_uid=1', 'id="messagebody"'),
    ('/?_task=settings&_action=identities', 'id="identities-table"'),
    ('/?_task=addressbook', 'id="contacts-table"'),
]
request_tokens = {}


def open_page(user, path, content):
    raw = socket.create_connection((host, 443), timeout=60)
    connection = http.client.HTTPSConnection(webmail['host'])
    connection.sock = unverified.wrap_socket(raw, server_hostname=webmail['host'])
    # Roundcube's second cookie changes with each half of a session's lifetime.
    slot = int(time.time() // webmail['slotSeconds'] * webmail['slotSeconds'])
    cookie = f'roundcube_sessid={user["session"]}; roundcube_sessauth={webmail["secret"]}-{slot}'
    headers = {'Cookie': cookie, 'X-Roundcube-Request': request_tokens.get(user['name'], '')}
    connection.request('GET', path, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    if answer.status != 200:
        raise Exception(f'{path}: {answer.status} {answer.getheader("Location", "")}')
    if content not in text:
        raise Exception(f'{path}: no {content} in {text[:200]}')
    found = re.search(r'"request_token":"(\w+)"', text)
    if found:
        request_tokens[user['name']] = found[1]


def read_along(user):
    """A mail program that is open: it waits, asks again every 50 seconds, and fetches each email that arrives."""
    try:
        client = imaplib.IMAP4_SSL(host, 993, ssl_context=unverified, timeout=60)
        client.login(user['name'], user['password'])
        seen = int(client.select('INBOX')[1][0])
        while time.monotonic() < end:
            client.sock.settimeout(50)
            client.send(b'I1 IDLE\r\n')
            arrived = seen
            try:
                while time.monotonic() < end and arrived == seen:
                    line = client.readline()
                    if not line:
                        raise Exception('the connection ended')
                    found = re.match(rb'\* (\d+) EXISTS', line)
                    if found:
                        arrived = int(found[1])
            except TimeoutError:
                # A file object that timed out reads no more.
                client.file = client.sock.makefile('rb')
            client.sock.settimeout(60)
            client.send(b'DONE\r\n')
            while not client.readline().startswith(b'I1 OK'):
                pass
            for number in range(seen + 1, arrived + 1):
                client.fetch(str(number), '(BODY[])')
                count('fetched')
            seen = max(seen, arrived)
        client.logout()
    except Exception as error:
        with lock:
            failures.append(f'mail program of {user["name"]}: {type(error).__name__}: {error}')


readers = [threading.Thread(target=read_along, args=(user,)) for user in users]
for each in readers:
    each.start()
with ThreadPoolExecutor(max_workers=20) as work:
    begun = time.monotonic()
    second = 0
    while time.monotonic() < end:
        user = users[second % len(users)]
        work.submit(attempt, 'received', receive, user)
        work.submit(attempt, 'sent', send, user)
        if second >= len(users):
            work.submit(attempt, 'pages', open_page, user, *pages[(second // len(users) - 1) % len(pages)])
        second += 1
        time.sleep(max(0, begun + second - time.monotonic()))
for each in readers:
    each.join()
print(json.dumps({**counted, 'seconds': second, 'failures': failures}))
