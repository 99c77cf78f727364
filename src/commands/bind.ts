import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/environment.js';
import { MaplewoodError, systemCode } from '../errors.js';

/** Listens where the configuration says. Gives the address for callers. Errors: `PORT_IN_USE`, `CONFIGURATION`. */
export async function bind(http: FastifyInstance, config: Config): Promise<string> {
  try {
    await http.listen({ host: config.host, port: config.port });
  } catch (error) {
    if (systemCode(error) === 'EADDRINUSE') {
      throw new MaplewoodError(
        'PORT_IN_USE',
        `Port ${config.port} of ${config.host} is in use. Stop the program that listens there, or set MAPLEWOOD_PORT to another port.`,
      );
    }
    if (systemCode(error) === 'EACCES' || systemCode(error) === 'EADDRNOTAVAIL') {
      throw new MaplewoodError(
        'CONFIGURATION',
        `Cannot listen on ${config.host}:${config.port}. Set MAPLEWOOD_HOST and MAPLEWOOD_PORT.`,
      );
    }
    throw error;
  }
  const address = http.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return config.publicUrl ?? `http://${host}:${port}`;
}
