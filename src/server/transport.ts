import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { MaplewoodError } from '../errors.js';
import { purposeHeader, roleHeader } from './authentication/active-role.js';
import { headerValues } from './authentication/raw-header.js';
import { errorBody } from './error-body.js';

/** Headers of which a proxy in front may read another one than Node does, if they are sent twice. */
const single = ['Host', 'Content-Type', 'Content-Length', roleHeader, purposeHeader];

/** Node's parser takes others, too, that a proxy in front may read otherwise. */
const versions: ReadonlySet<string> = new Set(['1.0', '1.1']);

/** What holds for every request before it is routed: unambiguous headers, plain UTF-8 JSON, listed origins. */
export function guardTransport(http: FastifyInstance, corsOrigins: readonly string[]): void {
  const origins = new Set(corsOrigins);

  http.addHook('onRequest', async (request, reply) => {
    void reply.header('X-Content-Type-Options', 'nosniff');
    const { rawHeaders, httpVersion } = request.raw;
    if (!versions.has(httpVersion)) throw new MaplewoodError('BAD_USER_INPUT', 'Send HTTP/1.1.');
    if (httpVersion === '1.1' && headerValues(rawHeaders, 'Host').length === 0)
      throw new MaplewoodError('BAD_USER_INPUT', 'Send the header Host.');
    for (const name of single)
      if (headerValues(rawHeaders, name).length > 1)
        throw new MaplewoodError('BAD_USER_INPUT', `Send the header ${name} once.`);
    const { origin } = request.headers;
    if (origin !== undefined && origins.has(origin)) {
      void reply.header('Access-Control-Allow-Origin', origin);
      if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined)
        return reply
          .code(204)
          .header('Access-Control-Allow-Methods', 'POST, GET, HEAD')
          .header(
            'Access-Control-Allow-Headers',
            `authorization, content-type, ${roleHeader}, ${purposeHeader}`,
          )
          .header('Access-Control-Max-Age', '600')
          .send();
    }
    if (request.headers['content-encoding'] !== undefined) throw new MaplewoodError('UNSUPPORTED_MEDIA_TYPE');
  });

  // Of every answer: what a cache in front keeps for one origin it may not give to another.
  if (origins.size > 0)
    http.addHook('onSend', async (_request, reply, payload) => {
      const others = reply.getHeader('vary');
      void reply.header('Vary', others === undefined ? 'Origin' : `${String(others)}, Origin`);
      return payload;
    });

  http.removeAllContentTypeParsers();
  const parse = http.getDefaultJsonParser('error', 'error');
  http.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const charsets = (request.headers['content-type'] ?? '').matchAll(/;\s*charset\s*=\s*"?([^";\s]*)/gi);
    if ([...charsets].some(([, charset]) => charset?.toLowerCase() !== 'utf-8') || !isUtf8(body)) {
      done(new MaplewoodError('UNSUPPORTED_MEDIA_TYPE'));
      return;
    }
    void parse(request, body.toString('utf8'), done);
  });
}

const statuses: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Answers what is no request of HTTP, and so never reaches a route: nothing of it is repeated. */
export function refuseMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (socket.destroyed || error.code === 'ECONNRESET') return;
  const status = statuses[error.code ?? ''] ?? '400 Bad Request';
  const body = JSON.stringify(
    errorBody(new MaplewoodError('BAD_USER_INPUT', 'The request is not well-formed HTTP.'), ''),
  );
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
