#!/usr/bin/python3
"""Load on a mail server, by Python's own clients, several connections at once that stay open: `load.py '{"do": "submit", …}'` hands
emails in after a login; `{"do": "count", …}` says how many are in INBOX and Junk, and with `atLeast` once there are so many. Prints JSON."""
import imaplib, json, smtplib, ssl, sys, threading, time

unverified = ssl.create_default_context()
unverified.check_hostname = False
unverified.verify_mode = ssl.CERT_NONE


def submit(order):
    body = ('x' * 70 + '\r\n') * (order['size'] // 72)
    failures = []

    def lane(name):
        try:
            with smtplib.SMTP(order['host'], order['port'], local_hostname='visitor.example', timeout=60) as client:
                client.starttls(context=unverified)
                client.login(order['user'], order['password'])
                for each in range(order['count'] // order['lanes']):
                    head = f'From: <{order["from"]}>\r\nTo: <{order["to"]}>\r\nSubject: load\r\nMessage-ID: <{order["run"]}.{name}.{each}@load.example>\r\n\r\n'
                    client.sendmail(order['from'], [order['to']], head + body)
        except (OSError, smtplib.SMTPException) as error:
            failures.append(str(error))

    lanes = [threading.Thread(target=lane, args=(name,)) for name in range(order['lanes'])]
    for each in lanes:
        each.start()
    for each in lanes:
        each.join()
    print(json.dumps({'failures': failures}))


def count(order):
    client = imaplib.IMAP4_SSL(order['host'], order['port'], ssl_context=unverified, timeout=60)
    client.login(order['user'], order['password'])
    end = time.monotonic() + 300
    while True:
        found = sum(int(client.select(folder, readonly=True)[1][0]) for folder in ('INBOX', 'Junk'))
        if found >= order.get('atLeast', 0) or time.monotonic() > end:
            break
        time.sleep(0.1)
    client.logout()
    print(json.dumps({'count': found}))


order = json.loads(sys.argv[1])
{'submit': submit, 'count': count}[order['do']](order)
