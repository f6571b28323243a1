// Writes man/udpcp.1 anew from man/udpcp.1.in and the commands' own definitions: `npm run man`.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { manPage } from '../dist/cli/man-page.js';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
writeFileSync(path('udpcp.1'), manPage(readFileSync(path('udpcp.1.in'), 'utf8')));
