import { z } from 'zod';
import { defineService } from '../../core/service.ts';

export default defineService({
  id: 'reverse-proxy',
  title: 'Reverse proxy',
  summary: 'Receives all traffic (HTTPS, HTTP/3 and other ports) and passes it to the right service.',
  upstream: { name: 'Caddy', url: 'https://caddyserver.com', licence: 'Apache-2.0', version: '2.11.9' },
  images: { caddy: { build: 'images/caddy' }, haproxy: { build: 'images/haproxy' } },
  options: z.strictObject({}),
  hostNetwork: {
    ports: [
      { port: 80, protocol: 'tcp' },
      { port: 443, protocol: 'tcp' },
      { port: 443, protocol: 'udp' },
    ],
    uids: [2010, 2011],
    reason: "Services must see their visitors' real addresses, over IPv4 and IPv6.",
  },
  ports: { health: 2021, tcp: 2022 },
  healthChecks: [
    { port: 'health', path: '/health', status: 200 },
    { port: 'tcp', path: '/health', status: 200 },
  ],
  memoryMb: 256,
  files: () => ({ Caddyfile: caddyfile, 'haproxy.cfg': haproxyConfig }),
});

/** Challenges of the certificate authority are plain files that the agent writes (RFC 8555 §8.3). */
const caddyfile = `{
	admin unix//run/caddy/admin.sock
	auto_https off
	grace_period 5s
	servers {
		protocols h1 h2 h3
	}
}

(haven-headers) {
	encode zstd gzip
	header {
		Strict-Transport-Security "max-age=31536000"
		X-Content-Type-Options nosniff
		Referrer-Policy strict-origin-when-cross-origin
		-Server
	}
}

http://127.0.0.1:2021 {
	bind 127.0.0.1
	respond /health 200
}

http:// {
	handle /.well-known/acme-challenge/* {
		root * /.challenges
		file_server
	}
	handle {
		redir https://{host}{uri} 308
	}
}

import /routes/*.caddy
`;

/**
 * Each service's part is a separate file beside this one. An SSH session can be silent for a long time, for example
 * during a big push.
 */
const haproxyConfig = `global
	log stdout format raw daemon notice
	maxconn 4000
	hard-stop-after 1h

defaults
	mode tcp
	log global
	option clitcpka
	option srvtcpka
	timeout connect 5s
	timeout client 1h
	timeout server 1h

frontend health
	mode http
	timeout client 5s
	bind 127.0.0.1:2022
	monitor-uri /health
`;
