/**
 * An annotated example for each section of haven.yaml, shown on the page of settings. Together they are a valid file:
 * a test reads them as one.
 */
export const settingExamples: Record<string, string> = {
  version: 'version: 1',
  id: 'id: club-1234',
  domains: `domains:
  - name: example.org      # the main domain: services are at git.example.org, me.example.org, …
    dns: cloudflare
  - name: example.net      # a second domain, whose records you enter yourself
    dns: manual
  - name: cloud.example.com
    dns: cloudflare
    zone: example.com      # a domain in use: everything else in its zone is left unchanged`,
  owner: `owner:
  name: Ada Lovelace
  email: ada@example.com   # an address outside this cloud`,
  timeZone: 'timeZone: Europe/Berlin',
  server: `server:
  provider: hetzner
  type: cx33               # must have enough memory for all services
  location: fsn1
  diskGb: 40`,
  sending: `sending:
  host: smtp.example.com
  port: 587
  user: cloud@example.com  # then run: haven secret set sending-password
  from: cloud@example.com`,
  alarms: `alarms:
  ntfy: https://ntfy.sh    # then run: haven secret set alarm-ntfy-topic
  webhook: true            # then run: haven secret set alarm-webhook
  email: true              # to owner.email, with the account in sending`,
  backups: `backups:
  s3:                      # or sftp, see docs/owners/backups.md
    endpoint: https://fsn1.your-objectstorage.com
    bucket: ada-backups    # then run: haven secret set backup-s3-key, and backup-s3-secret
  time: "03:30"
  keep:
    days: 7
    weeks: 5
    months: 12`,
  services: `services:
  gitea: {}                # with its default settings
  miniflux:
    subdomain: rss         # at rss.example.org, instead of news.example.org
  website:
    domain: example.net    # at www.example.net
    access: users          # visitors have to log in
    options:
      title: Our club`,
};
