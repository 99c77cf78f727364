import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type ApiKeys, keyring } from '../access/keyring.js';
import { categoriesOf } from '../access/sensitive.js';
import { auditDigests } from '../audit/digests.js';
import { auditLog } from '../audit/log.js';
import { auditReader } from '../audit/reader.js';
import { type Clocks, systemClocks } from '../break-glass/clock.js';
import { breakGlass } from '../break-glass/service.js';
import { feedbackIn } from '../cds/hooks/ledger.js';
import { readReasons } from '../cds/hooks/reasons.js';
import { patientEvaluator } from '../cds/patient/evaluation.js';
import { resultActs } from '../cds/results/act-service.js';
import { actsReader } from '../cds/results/known-acts.js';
import { resultReaders } from '../cds/results/readers.js';
import { readRules } from '../cds/rules/read-rules.js';
import { figuresIn } from '../cds/testing/figures.js';
import type { Config } from '../config/environment.js';
import { appendLine } from '../lake/durable.js';
import { buildRoleSchemas } from '../resolvers/build-schema.js';
import { loadDevelopmentIssuer, publicKeySet } from '../server/authentication/issuer.js';
import { TenantKeys } from '../server/authentication/tenant-keys.js';
import { trustedSource } from '../server/authentication/trusted-source.js';
import { createVerifier } from '../server/authentication/verify.js';
import { londonDay } from '../server/london-day.js';
import type { LogSink } from '../server/observe/log.js';
import type { AppOptions } from '../server/options.js';
import { turnsOf } from '../server/overload/turns.js';
import { fileStateStore } from '../state/file.js';
import { takenNamesIn } from '../state/taken-names.js';
import { duckdbIdentifiedStore } from '../warehouse/duckdb/identified.js';
import { openDuckdbWarehouse } from '../warehouse/duckdb/release.js';
import type { Warehouse } from '../warehouse/warehouse.js';

/** The newest seals of the audit, in the folder of the state, or in the home where the state is no folder. */
export const checkpointsFile = 'audit-checkpoints.ndjson';
export const checkpointsPath = ({ state, home }: Pick<Config, 'state' | 'home'>): string =>
  join(state.kind === 'folder' ? state.path : home.state, checkpointsFile);

export interface ServerParts extends AppOptions {
  /** Writes what waits, and lets go of everything. */
  close(): Promise<void>;
}

/** Something for the operator to know, and how it is said. */
export type Notice = { readonly text: string } & (
  | { readonly kind: 'release' | 'releaseRefused'; readonly release: number; readonly error?: unknown }
  | { readonly kind: 'keys'; readonly state: 'available' | 'unavailable'; readonly error?: unknown }
  | { readonly kind: 'audit' }
);

export interface PartsEffects {
  note(notice: Notice): void;
  /** Folder of the program, with its rules and code lists. Without it there is no decision support. */
  readonly root?: string;
  readonly log?: LogSink;
  /** Those that were read already. */
  readonly keys?: ApiKeys;
  readonly clocks?: Clocks;
}

/** Everything that the server is made of, as it is configured. Errors: `CONFIGURATION`, `HOME_NOT_WRITABLE`. */
export async function openParts(config: Config, effects: PartsEffects): Promise<ServerParts> {
  const { home, settings, dev } = config;
  const issuer = dev ? loadDevelopmentIssuer(home, { create: true }) : undefined;
  const source = trustedSource(config, () => issuer ?? loadDevelopmentIssuer(home, { create: false }));
  // Before anything is connected to: what is wrong with a key should not be told behind a network.
  const { service: keys, earlierAudit: earlier } = effects.keys ?? (await keyring(config).apiForServing());
  const warehouse = await openWarehouse(config, effects.note);
  const log = auditLog({
    folder: home.audit,
    key: keys.audit,
    earlierKeys: new Set(earlier.keys()),
    onProblem: (text) => effects.note({ kind: 'audit', text }),
    checkpoint: (point) => appendLine(checkpointsPath(config), JSON.stringify(point), 'audit-checkpoint'),
  });
  const audit = {
    log,
    digests: auditDigests(keys.audit),
    trail: auditReader({ folder: home.audit, keys: [keys.audit, ...earlier.values()], tokens: keys, log }),
  };
  // What cannot be recorded is not served: whether it can be is known before the first request.
  await log.flush().catch(() => undefined);
  const glass = glassOf(config, audit, effects.clocks ?? systemClocks);
  const decisionSupport = effects.root === undefined ? {} : await decisionSupportOf(config, effects.root);
  return {
    warehouse,
    schemas: buildRoleSchemas(),
    verifier: createVerifier(source.options, { keys: source.keys, now: Date.now }),
    challenge: source.challenge,
    keys,
    settings,
    searchAll: dev,
    audit,
    ...(glass ? { breakGlass: glass } : {}),
    ...decisionSupport,
    ...(issuer ? { publicKeySet: publicKeySet(issuer) } : {}),
    observe: { tracing: config.tracing, ...(effects.log ? { log: effects.log } : {}) },
    async close() {
      try {
        await log.close();
      } finally {
        await warehouse.close();
      }
    },
  };
}

/** What lets clinicians break the glass; undefined where releases, state or identified store are not folders. */
function glassOf(
  { warehouse, state, identified, settings }: Config,
  { log, digests }: AppOptions['audit'],
  clocks: Clocks,
) {
  if (warehouse.kind !== 'duckdb' || state.kind !== 'folder' || identified.kind !== 'folder')
    return undefined;
  return breakGlass(
    {
      state: fileStateStore(state.path),
      audit: log,
      digests,
      identified: duckdbIdentifiedStore({ releases: warehouse.path, identified: identified.path }),
      settings: settings.breakGlass,
    },
    clocks,
  );
}

/**
 * What people do about results of decision support, and what serves CDS Hooks; nothing of it where the state is no folder. Error:
 * `CONFIGURATION` for rules that are wrong.
 */
async function decisionSupportOf(
  { state, settings, home, publicUrl }: Config,
  root: string,
): Promise<Pick<AppOptions, 'results' | 'cdsHooks'>> {
  if (state.kind !== 'folder') return {};
  const store = fileStateStore(state.path);
  const [rules, reasons] = await Promise.all([
    readRules(join(root, 'rules')),
    readReasons(join(root, 'reference', 'override_reason.csv')),
  ]);
  const done = actsReader(store);
  const listed = new Set(categoriesOf(settings.rows.sensitiveDiagnoses));
  return {
    results: {
      known: done.known,
      readers: resultReaders(done, listed),
      evaluate: patientEvaluator(rules, listed),
      figures: figuresIn(store),
      acts: resultActs({
        state: store,
        reasons: new Set(reasons.map(({ code }) => code)),
        now: () => new Date(),
      }),
    },
    cdsHooks: {
      rules,
      reasons,
      publicUrl,
      spentTokens: takenNamesIn(join(state.path, 'spent-tokens'), Date.now),
      feedback: feedbackIn(store, (instant) => londonDay(new Date(instant))),
      clients: settings.cds.clients.map((client) => ({
        client,
        keys: new TenantKeys({
          url: client.jwksUrl,
          issuer: client.issuer,
          file: join(home.state, `cds-keys-${nameOf(client.jwksUrl)}.json`),
        }),
      })),
    },
  };
}

/** An address as part of the name of a file. */
const nameOf = (address: string): string => createHash('sha256').update(address).digest('hex').slice(0, 16);

/** The configured warehouse, for reading. */
export async function openWarehouse(
  { warehouse, home, settings }: Config,
  note: (notice: Notice) => void = () => undefined,
): Promise<Warehouse> {
  const onRelease =
    (refused: (id: number) => string) =>
    ({ id, error }: { readonly id: number; readonly error?: unknown }): void =>
      note(
        error === undefined
          ? { kind: 'release', release: id, text: `Release ${id} is served now.` }
          : { kind: 'releaseRefused', release: id, error, text: refused(id) },
      );
  if (warehouse.kind !== 'duckdb') {
    const { openMssqlWarehouse } = await import('../warehouse/mssql/release.js');
    return openMssqlWarehouse(warehouse.url.reveal(), {
      onRelease: onRelease(() => 'The warehouse cannot be read; it is tried again until it can be.'),
    });
  }
  return openDuckdbWarehouse({
    folder: warehouse.path,
    spill: join(home.tmp, `serve-${process.pid}`),
    threads: availableParallelism(),
    memoryLimit: '2GB',
    connections: turnsOf(settings.overload),
    // Statements of requests that have their turn.
    waiting: 200,
    pollEvery: 250,
    onRelease: onRelease((id) => `Release ${id} cannot be opened; it is tried again until it can be.`),
  });
}
