#!/usr/bin/python3
"""Answers an email with what this server thinks of it. Called by Postfix (pipe(8)) as
`echo.py HOST ADDRESS SENDER`, the email on standard input: this server's name, its own address, and who wrote.

The verdicts are those that policyd-spf, OpenDKIM and OpenDMARC wrote into Authentication-Results (RFC 8601). Automatic emails
and bounces get no answer (RFC 3834), so that two machines never write to each other.
"""
import email
import email.policy
import email.utils
import re
import subprocess
import sys

host, own, sender = sys.argv[1:]
received = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
automatic = received.get("Auto-Submitted", "no").strip().lower() != "no" or "List-Id" in received
if not sender or sender == own or automatic:
    sys.exit(0)

results = [re.sub(r"\s+", " ", str(each)) for each in received.get_all("Authentication-Results", [])]
ours = " ".join(each for each in results if each.startswith(host))
verdicts = {name: (re.search(rf"\b{name}=(\w+)", ours) or [None, "none"])[1] for name in ("spf", "dkim", "dmarc")}
meaning = {
    "spf": "Was it sent by a server that the domain names in its SPF record?",
    "dkim": "Is it signed with a key that the domain publishes?",
    "dmarc": "Does one of the two fit the address in its From line?",
}
by = str(received.get_all("Received", [""])[0])
tls = re.search(r"using (TLSv[\d.]+)", by)
lines = [
    "Your email has arrived at another company. Its mail server judged it:",
    "",
    *(f"  {name.upper():5} {verdicts[name]:8} {meaning[name]}" for name in verdicts),
    "",
    f"It came by {tls[1]}." if tls else "It came without encryption.",
    "",
    "The headers with which it arrived:",
    "",
    *(f"  {name}: {re.sub(chr(10) + '[ ' + chr(9) + ']*', ' ', str(value))}" for name, value in received.items()),
]

answer = email.message.EmailMessage()
answer["From"] = f"Echo <{own}>"
answer["To"] = sender
subject = re.sub(r"\s+", " ", str(received.get("Subject", "")))
answer["Subject"] = subject if subject.lower().startswith("re:") else f"Re: {subject}"
answer["Date"] = email.utils.localtime()
answer["Message-ID"] = email.utils.make_msgid(domain=own.split("@")[1])
answer["Auto-Submitted"] = "auto-replied"
if "Message-ID" in received:
    answer["In-Reply-To"] = answer["References"] = str(received["Message-ID"]).strip()
answer.set_content("\n".join(lines) + "\n")
subprocess.run(["/usr/sbin/sendmail", "-i", "-f", own, "--", sender], input=answer.as_bytes(), check=True)
