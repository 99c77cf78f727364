import { join } from 'node:path';
import { loadEarlierAuditKeys, type ServiceKeys } from '../access/keys.js';
import { auditDigests } from '../audit/digests.js';
import { type AuditLog, auditLog } from '../audit/log.js';
import { type AuditReader, auditReader } from '../audit/reader.js';
import type { Clocks } from '../break-glass/clock.js';
import { type BreakGlass, breakGlass } from '../break-glass/service.js';
import type { Config } from '../config/environment.js';
import { appendLine } from '../lake/durable.js';
import { fileStateStore } from '../state/file.js';
import { duckdbIdentifiedStore } from '../warehouse/duckdb/identified.js';

/** The newest seals of the audit, in the folder of the state. */
export const checkpointsFile = 'audit-checkpoints.ndjson';

export interface BreakGlassParts {
  readonly service: BreakGlass;
  readonly audit: AuditLog;
  /** The same log, for those who may read it. */
  readonly trail: AuditReader;
}

/** What lets clinicians break the glass; undefined where releases, state or identified store are not folders. */
export function openBreakGlass(
  { home, warehouse, state, identified, settings, dev }: Config,
  keys: ServiceKeys,
  note: (text: string) => void,
  clocks?: Clocks,
): BreakGlassParts | undefined {
  if (warehouse.kind !== 'duckdb' || state.kind !== 'folder' || identified.kind !== 'folder')
    return undefined;
  const earlier = loadEarlierAuditKeys(home, dev);
  const audit = auditLog({
    folder: home.audit,
    key: keys.audit,
    earlierKeys: new Set(earlier.keys()),
    onProblem: (text) => note(`${text}\n`),
    checkpoint: (point) =>
      appendLine(join(state.path, checkpointsFile), JSON.stringify(point), 'audit-checkpoint'),
  });
  const parts = {
    state: fileStateStore(state.path),
    audit,
    digests: auditDigests(keys.audit),
    identified: duckdbIdentifiedStore({ releases: warehouse.path, identified: identified.path }),
    settings: settings.breakGlass,
  };
  const service = breakGlass(parts, clocks);
  const trail = auditReader({
    folder: home.audit,
    keys: [keys.audit, ...earlier.values()],
    tokens: keys,
    log: audit,
  });
  return { service, audit, trail };
}
