import { existsSync, readFileSync } from 'node:fs';
import { serve } from '@hono/node-server';
import { createApp } from './app.ts';
import type { Cloud, Status } from './cloud.ts';

const cloud = JSON.parse(readFileSync('/etc/portal/cloud.json', 'utf8')) as Cloud;
const statusFile = '/status/status.json';
const readStatus = (): Status | undefined =>
  existsSync(statusFile) ? (JSON.parse(readFileSync(statusFile, 'utf8')) as Status) : undefined;

const server = serve({ fetch: createApp(cloud, readStatus).fetch, port: 8080 });
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => server.close());
