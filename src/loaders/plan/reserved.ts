import { type RawBuilder, sql } from 'kysely';
import type { Role } from '../../access/role.js';
import { dimensionOf } from '../../measures/source.js';
import type { MeasureDataset } from '../../schema/declare/dataset.js';

/** Condition that a cell, or an event, is of a member that exists for the role; undefined where all of them do. */
export function ofRole({ reserved, source }: MeasureDataset, role: Role): RawBuilder<boolean> | undefined {
  if (!reserved) return undefined;
  const others = Object.entries(reserved.members).flatMap(([member, roles]) =>
    roles.includes(role) ? [] : [sql.lit(member)],
  );
  if (others.length === 0) return undefined;
  return sql<boolean>`${sql.ref(dimensionOf(source, reserved.by).column)} not in (${sql.join(others)})`;
}
