#!/usr/bin/python3
"""A sender that knows what was promised to it. `ledger.py '{"do": "send", …}'` sends emails until the file /ledger/stop exists; each
one that was answered with 250 is a line of /ledger/acknowledged, on disk before the next is sent. Each attempt is an email of its
own, so one whose answer was lost is not counted as a repetition. `ledger.py '{"do": "read", …}'` prints the Message-IDs in the
folders of a mailbox, as JSON."""
import imaplib, json, os, random, re, smtplib, ssl, sys, threading, time

folder = '/ledger'
unverified = ssl.create_default_context()
unverified.check_hostname = False
unverified.verify_mode = ssl.CERT_NONE
# An answer may take as long as Postfix waits for Dovecot and LDAP.
timeout = 40


def message(order, number, size):
    head = [f'From: <{order["from"]}>', f'To: <{order["to"]}>', f'Subject: ledger {number}', f'Message-ID: <{number}@ledger.example>',
            time.strftime('Date: %a, %d %b %Y %H:%M:%S +0000', time.gmtime()), 'MIME-Version: 1.0', 'Content-Type: text/plain']
    return '\r\n'.join(head) + '\r\n\r\n' + ('x' * 70 + '\r\n') * (size // 72 + 1)


def hand_in(order, number, size):
    """Hands one email in; answers with the server's words to it if that was 250."""
    with smtplib.SMTP(order['host'], order['port'], local_hostname='ledger.example', timeout=timeout) as client:
        client.starttls(context=unverified)
        if 'user' in order:
            client.login(order['user'], order['password'])
        client.ehlo_or_helo_if_needed()
        for code, text in ((client.mail(order['from'])), (client.rcpt(order['to']))):
            if code != 250:
                raise smtplib.SMTPResponseException(code, text)
        code, text = client.data(message(order, number, size).encode())
        if code != 250:
            raise smtplib.SMTPResponseException(code, text)
        return text.decode(errors='replace')


def send(order):
    os.makedirs(folder, exist_ok=True)
    acknowledged = open(f'{folder}/acknowledged', 'a')
    failed = open(f'{folder}/failed', 'a')
    lock = threading.Lock()

    def lane(name, way):
        sizes = random.Random(f'{order["seed"]} {name}')
        for each in range(1_000_000):
            if os.path.exists(f'{folder}/stop'):
                return
            number = f'{order["run"]}-{name}-{each}'
            size = int(10 ** sizes.uniform(2, 5))
            try:
                said = hand_in(way, number, size)
                line, file = f'{number} {said}', acknowledged
            except (OSError, smtplib.SMTPException) as error:
                line, file = f'{number} {time.time():.0f} {type(error).__name__} {error}', failed
            with lock:
                file.write(line.replace('\n', ' ') + '\n')
                file.flush()
                os.fsync(file.fileno())
            time.sleep(order['pause'])

    lanes = [threading.Thread(target=lane, args=(name, way)) for name, way in enumerate(order['ways'])]
    for each in lanes:
        each.start()
    for each in lanes:
        each.join()
    open(f'{folder}/stopped', 'w').close()


def read(order):
    client = imaplib.IMAP4_SSL(order['host'], 993, ssl_context=unverified, timeout=120)
    client.login(order['user'], order['password'])
    found = []
    for name in order['folders']:
        client.select(name, readonly=True)
        _, parts = client.fetch('1:*', '(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])')
        for part in parts:
            if isinstance(part, tuple) and (match := re.search(rb'<([^@>]+)@ledger\.example>', part[1])):
                found.append(match[1].decode())
    client.logout()
    print(json.dumps(found))


order = json.loads(sys.argv[1])
{'send': send, 'read': read}[order['do']](order)
