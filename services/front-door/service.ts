import { z } from 'zod';
import { defineService } from '../service.ts';

export default defineService({
  id: 'front-door',
  title: 'Front door',
  summary: 'Answers for every name on the web: HTTPS, HTTP/3, and a way to each service.',
  upstream: { name: 'Caddy', url: 'https://caddyserver.com', licence: 'Apache-2.0', version: '2.11.9' },
  images: { caddy: { build: 'images/caddy' } },
  options: z.strictObject({}),
  hostNetwork: {
    ports: [
      { port: 80, protocol: 'tcp' },
      { port: 443, protocol: 'tcp' },
      { port: 443, protocol: 'udp' },
    ],
    uids: [2010],
    reason: 'Services must see the true address of who visits them, over IPv4 and IPv6.',
  },
  ports: { health: 2021 },
  proofs: [{ port: 'health', path: '/health', status: 200 }],
  memoryMb: 192,
  files: () => ({ Caddyfile: caddyfile }),
});

/** Challenges of the certificate authority are plain files that the steward puts there (RFC 8555 §8.3). */
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
