import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { Settings } from '../config/settings.js';

const transport = {
  keepAliveTimeout: 5_000,
  requestTimeout: 20_000,
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  // Refused like everything else, by the guard.
  requireHostHeader: false,
} as const satisfies ServerOptions;

/** A server of HTTP within the limits of the settings, not yet listening. */
export function openServer({ limits, overload }: Settings, handler: RequestListener): Server {
  const server = createServer(transport, handler);
  server.maxConnections = overload.connections;
  server.maxRequestsPerSocket = 10_000;
  // Of a caller who does not take the answer either.
  server.setTimeout(limits.deadlineMs + 20_000);
  server.on('connection', (socket) => {
    // Node remembers who it was once somebody has asked, which is too late when the caller has gone.
    void socket.remoteAddress;
    // As many as the requests that are sent on it without waiting for answers.
    socket.setMaxListeners(0);
  });
  return server;
}

/** Waits until a server has closed, and ends what is still under way once its time is over. */
export async function closeWithin(
  milliseconds: number,
  close: () => Promise<void>,
  abort: () => void,
): Promise<void> {
  const timer = setTimeout(abort, milliseconds);
  try {
    await close();
  } finally {
    clearTimeout(timer);
  }
}
