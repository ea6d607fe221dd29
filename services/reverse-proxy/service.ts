import { z } from 'zod';
import { defineService } from '../../core/service.ts';
import { caddyfile } from './caddyfile.ts';

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
