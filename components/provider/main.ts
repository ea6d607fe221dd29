import { certificateHandler } from './certificate-handler.ts';
import { printedRecordHandler } from './printed-record-handler.ts';
import { releaseHandler } from './release-handler.ts';
import { serveProvider } from './serve.ts';

serveProvider({
  name: 'haven',
  version: '0.1.0',
  resources: {
    'haven:index:Release': releaseHandler,
    'haven:index:PrintedRecord': printedRecordHandler,
    'haven:index:Certificate': certificateHandler,
  },
});
