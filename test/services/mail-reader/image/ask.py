#!/usr/bin/python3
"""One visit to this cloud's mail, from a service of it. The order comes as JSON on standard input; the answer goes out as JSON."""
import base64, imaplib, json, os, smtplib, socket, ssl, sys

order = json.load(sys.stdin)
# The certificate is one that the lab signed itself; its name is compared by the caller.
unverified = ssl.create_default_context()
unverified.check_hostname = False
unverified.verify_mode = ssl.CERT_NONE


def door(name):
    host, port = os.environ[name].split(':')
    return host, int(port)


def response():
    """What opens a mailbox, by mechanism: RFC 7628 §3.1, Google's XOAUTH2, RFC 4616."""
    user, secret = order['user'], order['secret']
    return {
        'XOAUTH2': f'user={user}\x01auth=Bearer {secret}\x01\x01',
        'OAUTHBEARER': f'n,a={user},\x01auth=Bearer {secret}\x01\x01',
        'PLAIN': f'\0{user}\0{secret}',
    }[order['mechanism']].encode()


def imap():
    client = imaplib.IMAP4(*door('MAIL_IMAP'), timeout=60)
    before = client.capabilities
    client.starttls(unverified)
    answers = iter([response()])
    try:
        # After a refusal the server asks again, which is answered with nothing.
        client.authenticate(order['mechanism'], lambda _: next(answers, b''))
    except (imaplib.IMAP4.error, imaplib.IMAP4.abort) as error:
        return {'refused': str(error), 'before': before}
    # Both folders that email arrives in.
    counts = [int(client.select(folder, readonly=True)[1][0]) for folder in ('INBOX', 'Junk')]
    client.logout()
    return {'messages': sum(counts), 'before': before}


def smtp():
    with smtplib.SMTP(*door('MAIL_SUBMISSION'), local_hostname='reader.example', timeout=60) as client:
        client.ehlo()
        answers = {'before': client.esmtp_features.get('auth', '')}
        client.starttls(context=unverified)
        client.ehlo()
        answers['mechanisms'] = client.esmtp_features.get('auth', '')
        # With its initial response in one line, as Roundcube does it.
        code, text = client.docmd('AUTH', f"{order['mechanism']} {base64.b64encode(response()).decode()}")
        while code == 334:
            answers['challenge'] = base64.b64decode(text).decode(errors='replace')
            code, text = client.docmd('')
        answers['auth'] = {'code': code, 'text': text.decode()}
        if code != 235:
            return answers
        code, text = client.mail(order.get('from', order['user']))
        code, text = client.rcpt(order.get('to', order['user'])) if code < 400 else (code, text)
        answers['rcpt'] = {'code': code, 'text': text.decode()}
        if code < 400 and 'message' in order:
            code, text = client.data(order['message'].encode())
            answers['data'] = {'code': code, 'text': text.decode()}
        return answers


def sieve():
    """Stores a filter and makes it the active one (RFC 5804)."""
    with socket.create_connection(door('MAIL_SIEVE'), timeout=30) as connection:
        file = connection.makefile('rwb')

        def ask(line):
            if line:
                file.write(line + b'\r\n')
                file.flush()
            lines = []
            while True:
                lines.append(file.readline().decode())
                if not lines[-1] or lines[-1].startswith(('OK', 'NO', 'BYE')):
                    return lines

        greeting = ask(b'')
        ask(b'STARTTLS')
        file = (connection := unverified.wrap_socket(connection)).makefile('rwb')
        capabilities = ask(b'')
        encoded = base64.b64encode(response())
        said = [ask(b'AUTHENTICATE "%s" {%d+}\r\n%s' % (order['mechanism'].encode(), len(encoded), encoded))[-1]]
        if said[0].startswith('OK') and 'script' in order:
            script = order['script'].encode()
            said.append(ask(b'PUTSCRIPT "webmail" {%d+}\r\n%s' % (len(script), script))[-1])
            said.append(ask(b'SETACTIVE "webmail"')[-1])
        return {'greeting': ''.join(greeting), 'capabilities': ''.join(capabilities), 'said': said}


def connect():
    """Which of these addresses answer at all."""
    reached = []
    for host, port in order['addresses']:
        try:
            socket.create_connection((host, port), timeout=3).close()
            reached.append(f'{host}:{port}')
        except OSError:
            pass
    return {'reached': reached}


print(json.dumps({'imap': imap, 'smtp': smtp, 'sieve': sieve, 'connect': connect}[order['visit']]()))
