import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql';
import { roleOf, type SchemaName, schemaNames } from '../access/role.js';
import { datasets } from '../schema/datasets.js';
import { peopleDatasets } from '../schema/people/nested.js';
import { AuditTrailResolver } from './audit-trail-resolver.js';
import { BedForecastResolver } from './bed-forecast-resolver.js';
import { BreakGlassResolver } from './break-glass-resolver.js';
import { CdsActsResolver } from './cds-acts-resolver.js';
import { CdsEvaluateResolver, CdsResultEvidence } from './cds-evaluate-resolver.js';
import { CdsRuleFieldsResolver } from './cds-rule-fields-resolver.js';
import { datasetResolver } from './dataset-resolver.js';
import { datasetTypes } from './dataset-types.js';
import { DatasetsResolver } from './datasets-resolver.js';
import { ExplainAccessResolver } from './explain-access-resolver.js';
import { IdentifiedPatientResolver } from './identified-patient-resolver.js';
import { LineageResolver } from './lineage-resolver.js';
import { MeResolver } from './me-resolver.js';
import { nestedResolver } from './nested-resolver.js';
import { PatientResolver } from './patient-resolver.js';
import { ReleaseResolver } from './release-resolver.js';
import { roleSchema } from './role-schema.js';
import { ruleStatsResolver } from './rule-stats-resolver.js';
import { sensitivities } from './sensitivity.js';
import { identifiedVisibility, visibility } from './visibility.js';

let built: ReadonlyMap<SchemaName, GraphQLSchema> | undefined;

/**
 * One executable schema a role, and one for those who may break the glass, all from the one declaration. Built once a process: making a type of GraphQL registers
 * it, and a second one of the name would be a fault.
 */
export function buildRoleSchemas(): ReadonlyMap<SchemaName, GraphQLSchema> {
  built ??= build();
  return built;
}

function build(): ReadonlyMap<SchemaName, GraphQLSchema> {
  const types = new Map(datasets.map((dataset) => [dataset, datasetTypes(dataset)]));
  const full = buildSchemaSync({
    resolvers: [
      ReleaseResolver,
      DatasetsResolver,
      MeResolver,
      ExplainAccessResolver,
      LineageResolver,
      AuditTrailResolver,
      PatientResolver,
      IdentifiedPatientResolver,
      BreakGlassResolver,
      CdsActsResolver,
      CdsEvaluateResolver,
      CdsResultEvidence,
      CdsRuleFieldsResolver,
      ...[...types].map(([dataset, made]) => datasetResolver(dataset, made)),
      ...peopleDatasets.map((dataset) => nestedResolver(dataset, types)),
      ruleStatsResolver(types),
      BedForecastResolver,
    ] as unknown as NonEmptyArray<new () => object>,
    validate: false,
  });
  // A field that nobody gave a class is an error here, before anything is served.
  sensitivities(full);
  const visible = visibility();
  const identified = identifiedVisibility(visible);
  return new Map(
    schemaNames.map((name) => [
      name,
      roleSchema(full, roleOf(name), name === 'clinician-reidentifier' ? identified : visible),
    ]),
  );
}
