/**
 * The roles of a token, least privileged first: the order in which one is chosen for a request that names
 * none. Exactly one role is active in a request; never a union of two.
 */
export const roles = [
  'bi-reader',
  'auditor',
  'admin',
  'data-steward',
  'operations',
  'finance',
  'analyst',
  'clinician',
] as const;
export type Role = (typeof roles)[number];

/** A further right that a token may hold beside a role. */
export const rights = ['reidentifier'] as const;
export type Right = (typeof rights)[number];
export const isRight = (name: string): name is Right => rights.some((right) => right === name);

/** What has a schema of its own: each role, and clinicians who may break the glass. */
export const schemaNames = [...roles, 'clinician-reidentifier'] as const;
export type SchemaName = (typeof schemaNames)[number];

/** The schema of an active role of a token with such rights. */
export const schemaFor = (role: Role, rightsHeld: readonly Right[]): SchemaName =>
  role === 'clinician' && rightsHeld.includes('reidentifier') ? 'clinician-reidentifier' : role;

export const roleOf = (schema: SchemaName): Role =>
  schema === 'clinician-reidentifier' ? 'clinician' : schema;

/**
 * What disclosure control does to the aggregates of a role.
 * `published`: registered cubes only, suppression, rounding. `rows`: the same without the list of cubes, since
 * the role sees de-identified rows. `exact`: nothing, own trusts only. `none`: the role sees no aggregates.
 */
export type Profile = 'published' | 'rows' | 'exact' | 'none';

/**
 * How far sums of money are rounded. `twoFigures`: to two significant figures, never finer than ten pounds. `tens`: to
 * ten pounds. `pence`: not at all; who is behind them is controlled as for the others.
 */
export type MoneyRounding = 'twoFigures' | 'tens' | 'pence';

/** HL7 v3-ActReason codes of the purposes for which data are read. */
export const purposes = ['HOPERAT', 'HPAYMT', 'HRESCH', 'TREAT', 'BTG'] as const;
export type Purpose = (typeof purposes)[number];

export interface RoleDeclaration {
  readonly description: string;
  readonly profile: Profile;
  readonly money: MoneyRounding;
  /** Refused without the claim `trusts`; for the others the claim narrows. */
  readonly needsTrusts: boolean;
  readonly defaultPurpose: Purpose;
  /** May be held by an application without a user. */
  readonly allowsApplications: boolean;
}

const role = (
  description: string,
  profile: Profile,
  more: Partial<Omit<RoleDeclaration, 'description' | 'profile'>> = {},
): RoleDeclaration => ({
  description,
  profile,
  money: profile === 'published' ? 'twoFigures' : 'tens',
  needsTrusts: false,
  defaultPurpose: 'HOPERAT',
  allowsApplications: false,
  ...more,
});

export const roleDeclarations: Readonly<Record<Role, RoleDeclaration>> = {
  'bi-reader': role('Published reports: suppressed and rounded aggregates.', 'published', {
    allowsApplications: true,
  }),
  auditor: role('Who saw what.', 'none'),
  admin: role('Runs the service; sees no measures and no rows.', 'none'),
  'data-steward': role('Data quality: rules, counts, quarantine.', 'published'),
  operations: role('Site and bed managers: exact figures of their own trusts.', 'exact', {
    needsTrusts: true,
  }),
  finance: role('Costs and activity: suppressed and rounded aggregates.', 'rows', {
    money: 'pence',
    defaultPurpose: 'HPAYMT',
  }),
  analyst: role('Any measure by any dimension, suppressed and rounded.', 'rows', {
    defaultPurpose: 'HRESCH',
  }),
  clinician: role('Exact figures of their own trusts.', 'exact', {
    needsTrusts: true,
    defaultPurpose: 'TREAT',
  }),
};

/** Found by a Set, so that names such as `__proto__` are nothing but unknown. */
const known: ReadonlySet<string> = new Set(roles);
export const isRole = (name: string): name is Role => known.has(name);
