import { setMaxListeners } from 'node:events';
import type { FastifyRequest } from 'fastify';
import { MaplewoodError } from '../errors.js';

/**
 * A signal that ends with the request: at the deadline, when the caller goes away, and when the server stops for
 * good. Statements that carry it are interrupted.
 */
export function requestSignal(
  request: FastifyRequest,
  deadlineMs: number,
  stopping: AbortSignal,
): { readonly signal: AbortSignal; done(): void } {
  const controller = new AbortController();
  // As many as the statements of the request: no leak to be warned of.
  setMaxListeners(0, controller.signal);
  const timer = setTimeout(() => controller.abort(new MaplewoodError('DEADLINE_EXCEEDED')), deadlineMs);
  const gone = (): void => {
    if (!request.raw.complete || request.raw.socket.destroyed)
      controller.abort(new MaplewoodError('REQUEST_CANCELLED'));
  };
  const stop = (): void => controller.abort(new MaplewoodError('SHUTTING_DOWN'));
  request.raw.socket.once('close', gone);
  stopping.addEventListener('abort', stop, { once: true });
  if (stopping.aborted) stop();
  return {
    signal: controller.signal,
    done() {
      clearTimeout(timer);
      request.raw.socket.off('close', gone);
      stopping.removeEventListener('abort', stop);
    },
  };
}
