import { z } from 'zod';
import { defineService } from '../../core/service.ts';

/** Uid of oauth2-proxy in our image (`images/oauth2-proxy`). */
const uid = 2040;

export default defineService({
  id: 'auth-proxy',
  title: 'Auth proxy',
  summary: 'Puts the login in front of pages that have none.',
  upstream: {
    name: 'oauth2-proxy',
    url: 'https://oauth2-proxy.github.io',
    licence: 'MIT',
    version: '7.15.2',
  },
  images: { 'auth-proxy': { build: 'images/oauth2-proxy' } },
  options: z.strictObject({}),
  provides: 'auth-proxy',
  needs: { login: 'for-others' },
  ports: { http: 4180 },
  secrets: { 'oidc-secret': { 'auth-proxy': uid }, 'cookie-secret': { 'auth-proxy': uid } },
  healthChecks: [{ port: 'http', path: '/ping', status: 200 }],
  memoryMb: 64,
});
