import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A span as it arrives by OTLP/HTTP in JSON. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
}

export interface Collector {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Everything that was sent: request lines, headers and bodies. */
  readonly received: readonly string[];
  /** Attributes of the resource, and the address that they came to. */
  readonly resources: readonly object[];
  close(): Promise<void>;
}

type Value = { readonly [kind: string]: unknown };
interface Attribute {
  readonly key: string;
  readonly value: Value;
}
interface Payload {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<ReceivedSpan, 'attributes' | 'failed'> & {
        readonly attributes: readonly Attribute[];
        readonly status?: { readonly code?: number };
      })[];
    }[];
  }[];
}

const plain = (attributes: readonly Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

/** A receiver of spans on this machine. `answer`: what it does once it has read a request. */
export async function collector(
  answer: (response: ServerResponse) => void = (response) => {
    response.setHeader('content-type', 'application/json').end('{}');
  },
): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  const received: string[] = [];
  const resources: object[] = [];
  const sockets = new Set<Socket>();
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString('utf8');
    received.push(`${request.method} ${request.url}\n${JSON.stringify(request.headers)}\n${body}`);
    for (const { resource, scopeSpans } of (JSON.parse(body) as Payload).resourceSpans) {
      resources.push({ path: request.url, ...plain(resource.attributes) });
      for (const span of scopeSpans.flatMap((scope) => scope.spans))
        spans.push({
          traceId: span.traceId,
          spanId: span.spanId,
          parentSpanId: span.parentSpanId || undefined,
          name: span.name,
          kind: span.kind,
          attributes: plain(span.attributes),
          failed: span.status?.code === 2,
        });
    }
    answer(response);
  };
  // A sender that stops in the middle is no failure here.
  const server = createServer((request, response) => void take(request, response).catch(() => undefined));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    received,
    resources,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
