import type { Lake } from '../../lake/lake.js';
import type { BronzeBatch } from '../bronze.js';
import type { Contract } from '../contracts/contract.js';
import type { Engine } from '../engine.js';
import { fhirDataset } from '../landing.js';
import { advanceLog } from './advance.js';
import { accountFor, type SilverResult } from './load.js';
import type { Generation } from './log.js';
import { type CodeLists, stageRules } from './rules.js';
import type { StagedFile } from './stage.js';
import type { SilverState } from './state.js';

export interface SilverInputs {
  readonly contracts: ReadonlyMap<string, Contract>;
  readonly codeLists: CodeLists;
  /** Everything in bronze. */
  readonly batches: readonly BronzeBatch[];
  /** Silver as the last release knows it; undefined makes it from all of bronze. */
  readonly before: SilverState | undefined;
  /** Rows of FHIR by dataset, where all of them are made anew; else the rows in the log hold. */
  readonly fhir: ReadonlyMap<string, StagedFile> | undefined;
  /** Folder of the new files in the lake. */
  readonly folder: string;
  readonly progress: (dataset: string, done: number, total: number) => void;
}

export interface Silver {
  readonly results: ReadonlyMap<string, SilverResult>;
  readonly logs: Readonly<Record<string, readonly Generation[]>>;
}

/** Brings all of silver up to date, dataset by dataset in load order, and accounts for every row received. */
export async function buildSilver(engine: Engine, lake: Lake, inputs: SilverInputs): Promise<Silver> {
  const { contracts, before } = inputs;
  const names = new Map(inputs.batches.map((batch) => [batch.batch, batch.name]));
  const fhirBatches = inputs.batches
    .filter(({ dataset }) => dataset === fhirDataset)
    .map(({ batch }) => batch);
  const results = new Map<string, SilverResult>();
  const logs: Record<string, readonly Generation[]> = {};
  for (const contract of contracts.values()) {
    const { dataset } = contract;
    inputs.progress(dataset, results.size, contracts.size);
    const rules = stageRules(contract, inputs.codeLists);
    const batches = inputs.batches.filter((batch) => batch.dataset === dataset);
    const fresh = batches.filter((batch) => batch.batch > (before?.batches ?? 0));
    const generations = await advanceLog(engine, lake, {
      contract,
      rules,
      before: before?.logs[dataset] ?? [],
      files: [...fresh.flatMap((batch) => stagedFile(lake, batch)), inputs.fhir?.get(dataset) ?? []].flat(),
      derivedAgain: inputs.fhir === undefined ? [] : fhirBatches,
      fromNothing: before === undefined,
      folder: inputs.folder,
    });
    logs[dataset] = generations;
    results.set(dataset, await accountFor(engine, lake, contract, rules, batches, generations, names));
  }
  inputs.progress('', contracts.size, contracts.size);
  return { results, logs };
}

const stagedFile = (lake: Lake, batch: BronzeBatch): StagedFile[] =>
  batch.status === 'loaded' && batch.file !== undefined
    ? [{ path: lake.path(batch.file), columns: batch.columns, changes: batch.changes === true }]
    : [];
