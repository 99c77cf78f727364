import { cost } from '../../warehouse/omop/costs.js';
import { type OmopContext, type OmopFill, omopFill } from './fill.js';
import { relations } from './relations.js';

/** Temporary tables of the ids that visits and medicines of the persons touched had. */
export const oldVisits = 'omop_old_visit';
export const oldDrugs = 'omop_old_drug';

/** Prices of visits, on the day that the cost counts on; costs of prescribed items as supplied. */
export function costFills({ concepts, prices }: OmopContext): OmopFill[] {
  const priced = (
    domain: 'Visit' | 'Drug',
    rows: string,
    columns: Readonly<Record<string, string>>,
  ): OmopFill =>
    omopFill(cost, {
      rows,
      columns: {
        cost_event_id: 'r.event_id',
        cost_domain_id: `'${domain}'`,
        cost_type_concept_id: `${concepts.id('type', 'cost')}`,
        currency_concept_id: `${concepts.id('currency', 'GBP')}`,
        ...columns,
      },
      place: 'event_id',
      idColumn: 'cost_id',
      naturalKey: ['cost_domain_id', 'cost_event_id'],
      touched: `rowid in (
  select c.rowid from cost c join ${oldVisits} o on o.id = c.cost_event_id where c.cost_domain_id = 'Visit'
  union all select c.rowid from cost c join ${oldDrugs} o on o.id = c.cost_event_id where c.cost_domain_id = 'Drug')`,
    });
  const visit = (relation: string, price: string, where = 'true'): OmopFill =>
    priced(
      'Visit',
      `select * from (select visit_id as event_id, ${price} as price from ${relation} where ${where}) where price is not null`,
      { total_cost: 'cast(r.price as double)' },
    );
  return [
    visit(
      relations.spell,
      prices.of('acute', 'left(hrg_code, 4)', 'discharge_date'),
      'discharge_date is not null',
    ),
    visit(relations.attendance, prices.of('emergency', "''", 'arrival_date')),
    visit(relations.contact, `duration_minutes * ${prices.of('community', "''", 'contact_date')}`),
    priced(
      'Drug',
      `select drug_id as event_id, actual_cost, net_ingredient_cost from ${relations.prescription} where actual_cost is not null or net_ingredient_cost is not null`,
      {
        total_cost: 'cast(r.actual_cost as double)',
        total_paid: 'cast(r.actual_cost as double)',
        paid_ingredient_cost: 'cast(r.net_ingredient_cost as double)',
      },
    ),
  ];
}
