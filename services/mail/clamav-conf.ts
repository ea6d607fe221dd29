/** Where clamav-milter listens, on its address in network.ts. */
export const milterPort = 7357;

/**
 * ClamAV's settings while the option `antivirus` is on, by file. Postfix asks clamav-milter about each email, before Rspamd does,
 * and clamav-milter asks clamd. What could not be scanned is never accepted: Rspamd's own module for ClamAV (3.12) lets an email
 * pass where clamd answers with an error, or later than Rspamd's time for one email allows.
 */
export const clamavConf: Record<string, string> = {
  'clamd.conf': `# clamd.conf(5). It runs in its container's own user, and listens there alone.
Foreground yes
LocalSocket /run/clamav/clamd.sock
TCPSocket 3310
TCPAddr 127.0.0.1
DatabaseDirectory /signatures
TemporaryDirectory /tmp
# New signatures take the place of the old ones. With both in memory it would need twice as much.
ConcurrentDatabaseReload no
MaxThreads 4
# More than Postfix accepts (message_size_limit), so that nothing is too large for clamd alone.
StreamMaxLength 64M
MaxFileSize 64M
# Of everything that is packed in one email. What is beyond is not looked at.
MaxScanSize 256M
# In milliseconds. Postfix waits 300 seconds (milter_content_timeout).
MaxScanTime 120000
ExitOnOOM yes
`,
  'freshclam.conf': `# freshclam.conf(5)
DatabaseDirectory /signatures
DatabaseMirror database.clamav.net
DNSDatabaseInfo current.cvd.clamav.net
# A day: each time a question to the DNS, and a download if there is something new.
Checks 12
NotifyClamd /etc/haven/clamd.conf
# It would load them all into memory besides clamd, only to try them. Their own signature is checked in any case.
TestDatabases no
`,
  'clamav-milter.conf': `# clamav-milter.conf(5). Only Postfix is on this network with it.
Foreground yes
MilterSocket inet:${milterPort}
ClamdSocket unix:/run/clamav/clamd.sock
TemporaryDirectory /tmp
# More than Postfix accepts: what is larger would pass unscanned.
MaxFileSize 64M
# For clamd's answer, in seconds: new signatures take a minute to load.
ReadTimeout 240
OnClean Accept
OnInfected Reject
# What could not be scanned is tried again by its sender.
OnFail Defer
RejectMsg The virus scanner found %v in this email. It was not accepted.
LogInfected Basic
`,
};
