import { isIPv4 } from 'node:net';
import { MaplewoodError } from '../errors.js';
import type { Config } from './environment.js';

/** 127.0.0.0/8 (RFC 5735), `::1`, and the name that every system gives them. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));

/**
 * Refuses to serve where it would be unsafe or useless.
 * Error: `CONFIGURATION`: the development issuer, whose key lies on this disk, would be trusted by callers of
 * other machines; or there is no issuer to trust at all.
 */
export function assertServable(config: Pick<Config, 'dev' | 'host' | 'tenantId' | 'audience'>): void {
  if (config.dev) {
    if (isLoopback(config.host)) return;
    throw new MaplewoodError(
      'CONFIGURATION',
      'MAPLEWOOD_DEV=1 serves on a loopback address only. Set MAPLEWOOD_HOST to 127.0.0.1, or remove MAPLEWOOD_DEV and set MAPLEWOOD_TENANT_ID and MAPLEWOOD_AUDIENCE.',
    );
  }
  const missing = [
    config.tenantId === null ? 'MAPLEWOOD_TENANT_ID' : '',
    config.audience === null ? 'MAPLEWOOD_AUDIENCE' : '',
  ].filter((name) => name !== '');
  if (missing.length > 0) {
    throw new MaplewoodError(
      'CONFIGURATION',
      `serve needs ${missing.join(' and ')}, so that it knows whose tokens to accept. Set them, or set MAPLEWOOD_DEV=1 to try it on this machine.`,
    );
  }
}

/** Keys may be made on first use only where they live in the home; shared ones must be configured. */
export const mayCreateKeys = (config: Pick<Config, 'warehouse' | 'keyVaultUrl'>): boolean =>
  config.warehouse.kind === 'duckdb' && config.keyVaultUrl === null;
