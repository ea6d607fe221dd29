#!/usr/bin/python3
"""One visit to a mail server, by Python's own clients. The order comes as JSON, as an argument or on standard input; the answer goes out as JSON."""
import base64, glob, imaplib, json, os, poplib, smtplib, socket, ssl, sys, time

import dkim

# The certificate is one that the lab signed itself; its name is compared by the caller.
unverified = ssl.create_default_context()
unverified.check_hostname = False
unverified.verify_mode = ssl.CERT_NONE


def said(code, text):
    return {'code': code, 'text': text.decode(errors='replace') if isinstance(text, bytes) else text}


def smtp(order):
    """Every answer, by command. Ends after the first that is not 2xx or 3xx."""
    answers = {}
    kind = smtplib.SMTP_SSL if order.get('tls') == 'implicit' else smtplib.SMTP
    more = {'context': unverified} if kind is smtplib.SMTP_SSL else {}
    with kind(order['host'], order['port'], local_hostname='visitor.example', timeout=order.get('timeout', 60), **more) as client:
        answers['ehlo'] = said(*client.ehlo())
        if order.get('tls') == 'starttls':
            try:
                answers['starttls'] = said(*client.starttls(context=unverified))
            except smtplib.SMTPResponseException as error:
                answers['starttls'] = said(error.smtp_code, error.smtp_error)
                return answers
            answers['ehloAfterTls'] = said(*client.ehlo())
        if 'user' in order:
            try:
                answers['auth'] = said(*client.login(order['user'], order['password']))
            except smtplib.SMTPAuthenticationError as error:
                answers['auth'] = said(error.smtp_code, error.smtp_error)
                return answers
            except smtplib.SMTPNotSupportedError as error:
                answers['auth'] = said(0, str(error))
                return answers
        for verb, argument in order.get('raw', []):
            answers[f'{verb} {argument}'.strip()] = said(*client.docmd(verb, argument))
        if 'from' in order:
            size = order.get('size')
            answers['mail'] = said(*client.mail(order['from'], [f'SIZE={size}'] if size else []))
            if answers['mail']['code'] >= 400:
                return answers
            for to in order.get('to', []):
                answers['rcpt'] = said(*client.rcpt(to))
                if answers['rcpt']['code'] >= 400:
                    return answers
            if 'message' in order:
                answers['data'] = said(*client.data(order['message'].encode()))
    return answers


def imap(order):
    """The emails of a folder, or why the login was refused."""
    client = imaplib.IMAP4_SSL(order['host'], 993, ssl_context=unverified, timeout=60)
    try:
        client.login(order['user'], order['password'])
    except imaplib.IMAP4.error as error:
        return {'refused': str(error)}
    client.select(order.get('folder', 'INBOX'), readonly=True)
    _, found = client.search(None, 'ALL')
    messages = []
    for number in found[0].split():
        _, parts = client.fetch(number, '(RFC822)')
        messages.append(parts[0][1].decode(errors='replace'))
    client.logout()
    return {'messages': messages}


def pop3_login(order, timeout):
    client = poplib.POP3_SSL(order['host'], 995, context=unverified, timeout=timeout)
    client.user(order['user'])
    client.pass_(order['password'])
    return client


def pop3(order):
    """The emails that POP3 shows, which stay, or why the login was refused."""
    try:
        client = pop3_login(order, 60)
    except poplib.error_proto as error:
        return {'refused': str(error)}
    count, _ = client.stat()
    messages = [b'\r\n'.join(client.retr(each + 1)[1]).decode(errors='replace') for each in range(count)]
    client.quit()
    return {'messages': messages}


def hold(order):
    """Stays logged in until the file /tmp/held.end exists, and answers whether the connection still works."""
    if order.get('protocol') == 'pop3':
        client = pop3_login(order, 300)
    else:
        client = imaplib.IMAP4_SSL(order['host'], 993, ssl_context=unverified, timeout=300)
        client.login(order['user'], order['password'])
    for file in glob.glob('/tmp/held.*'):
        os.remove(file)
    open('/tmp/held', 'w').close()
    while not os.path.exists('/tmp/held.end'):
        time.sleep(0.1)
    try:
        said = client.noop()
        answer = {'answer': 'OK' if order.get('protocol') == 'pop3' else said[0]}
    except (imaplib.IMAP4.abort, poplib.error_proto, OSError):
        answer = {'answer': 'disconnected'}
    os.remove('/tmp/held')
    with open('/tmp/held.draft', 'w') as file:
        json.dump(answer, file)
    os.rename('/tmp/held.draft', '/tmp/held.answer')
    return answer


def raw(order):
    """What a server says to these bytes, until it closes or is silent."""
    text = b''
    try:
        with socket.create_connection((order['host'], order['port']), timeout=5) as connection:
            connection.sendall(base64.b64decode(order['bytes']))
            while chunk := connection.recv(4096):
                text += chunk
    except OSError as error:
        return {'text': text.decode(errors='replace'), 'ended': type(error).__name__}
    return {'text': text.decode(errors='replace'), 'ended': 'closed'}


def certificate(order):
    """The certificate that a TLS port shows, as PEM."""
    with socket.create_connection((order['host'], order['port']), timeout=10) as connection:
        with unverified.wrap_socket(connection, server_hostname=order.get('name')) as secured:
            return {'pem': ssl.DER_cert_to_PEM_cert(secured.getpeercert(True))}


def verify(order):
    """Whether an email's signature is valid, with these TXT records."""
    lookup = lambda name, timeout=5: order['records'].get(name.decode().rstrip('.'), '').encode()
    return {'valid': dkim.verify(base64.b64decode(order['message']), dnsfunc=lookup)}


visits = {'smtp': smtp, 'imap': imap, 'pop3': pop3, 'hold': hold, 'raw': raw, 'certificate': certificate, 'verify': verify}
order = json.loads(sys.argv[1]) if len(sys.argv) > 1 else json.load(sys.stdin)
print(json.dumps(visits[order['visit']](order)))
