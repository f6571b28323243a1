import { expect, test } from 'vitest';
import { pathOf, refusalOf } from '../../src/metrics/request.ts';

test.each(['localhost', 'LocalHost:9464', '127.0.0.1', '127.0.0.1:9464', '127.1.2.3:80', '[::1]:9464'])(
  'a request for %s is answered',
  (host) => {
    expect(refusalOf({ method: 'GET', url: '/', host })).toBeUndefined();
    expect(refusalOf({ method: 'HEAD', url: '/', host })).toBeUndefined();
  },
);

test.each([
  undefined,
  '',
  'example.com',
  'example.com:9464',
  'localhost.example.com',
  '127.0.0.1.example.com',
  'localhost@example.com',
  '127.0.0.1:port',
  '10.0.0.1:9464',
  '[::2]:9464',
])('a request for %s is not: the name may be of a page from elsewhere', (host) => {
  expect(refusalOf({ method: 'GET', url: '/', host })?.status).toBe(403);
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', undefined])('%s is not answered', (method) => {
  expect(refusalOf({ method, url: '/', host: 'localhost' })?.status).toBe(405);
});

test.each([
  ['/metrics?x=1', '/metrics'],
  ['/', '/'],
  [undefined, ''],
])('%s asks for %s', (url, path) => {
  expect(pathOf({ method: 'GET', url, host: 'localhost' })).toBe(path);
});
