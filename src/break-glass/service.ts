import { randomBytes, randomUUID } from 'node:crypto';
import { pseudonymLength } from '../access/pseudonym.js';
import type { AuditDigests } from '../audit/digests.js';
import type { AuditLog } from '../audit/log.js';
import { patientsOf } from '../audit/record.js';
import type { BreakGlassSettings } from '../config/settings.js';
import { MaplewoodError } from '../errors.js';
import { numberOfPatient } from '../loaders/exact.js';
import type { LoadContext } from '../loaders/load.js';
import type { StateStore } from '../state/store.js';
import type { IdentifiedStore } from '../warehouse/identified.js';
import { type Clocks, steadyClock, systemClocks } from './clock.js';
import { attemptKind, attemptsOf, eventOf, type GlassGrant, grantKind, openGrant } from './grants.js';
import { type AskedOfPatient, readFor, readPatient } from './patient.js';
import { type GlassContext, type GlassOutcome, glassRecord } from './record.js';
import { checkedMinutes, checkedReason, type GlassRequest, refusalOf } from './rules.js';

export type GlassInput = Omit<GlassRequest, 'minutes'> & { readonly minutes?: number | null };

export interface BreakGlass {
  /**
   * Breaks the glass of one patient for the user of the request. Null for a patient who is not known: malformed, of another
   * recipient, or made up. Errors: `BAD_USER_INPUT`, `FORBIDDEN`, `AUDIT_UNAVAILABLE`, `STATE_UNAVAILABLE`.
   */
  grant(input: GlassInput, context: GlassContext): Promise<GlassGrant | null>;
  /**
   * What an open grant shows of a patient. Null for one who is not current any more. Errors: `FORBIDDEN` without a grant,
   * whatever the text names; `AUDIT_UNAVAILABLE` and others, with which nothing is shown.
   */
  read(patientId: string, asked: AskedOfPatient, context: GlassContext): Promise<object | null>;
}

export interface GlassParts {
  readonly state: StateStore;
  readonly audit: AuditLog;
  readonly digests: AuditDigests;
  readonly identified: IdentifiedStore;
  readonly settings: BreakGlassSettings;
}

export function breakGlass(parts: GlassParts, clocks: Clocks = systemClocks): BreakGlass {
  const { state, settings } = parts;
  const clock = steadyClock(clocks);
  // One at a time, so that two requests at once do not both count as the last that is allowed.
  let granting: Promise<unknown> = Promise.resolve();

  /** The audit comes first: what it cannot take does not happen. */
  const record = async (began: number, context: GlassContext, outcome: GlassOutcome): Promise<void> => {
    const day = new Date(clock()).toISOString().slice(0, 10);
    const ms = clocks.elapsed() - began;
    const made = glassRecord(context, outcome, parts.digests, { day, ms });
    await parts.audit.append(made, patientsOf(made) > 0 ? [outcome.patient] : []);
  };

  const grant = async (input: GlassInput, context: GlassContext): Promise<GlassGrant | null> => {
    const began = clocks.elapsed();
    const reason = checkedReason(input.reason);
    const minutes = checkedMinutes(input.minutes, settings);
    const patient = keyOf(input.patientId, context.load);
    const { user } = context;
    const about = { kind: 'break-glass', patient, purpose: input.purpose } as const;
    const events = [...(await state.events(grantKind)), ...(await state.events(attemptKind))];
    const now = clock();
    const refusal = refusalOf(user, now, attemptsOf(events, user, now), settings);
    if (refusal) {
      await record(began, context, { ...about, outcome: 'refused', error: refusal });
      throw refusal;
    }
    const isKnown = (await numberOfPatient(patient, context.load)) !== undefined;
    const second = Math.floor(now / 1_000) * 1_000;
    const made: GlassGrant = {
      id: randomUUID(),
      user,
      patient: patient.toString('hex'),
      purpose: input.purpose,
      reason,
      grantedAt: instant(second),
      expiresAt: instant(second + minutes * 60_000),
    };
    // The same steps whether there is such a patient or not, so that no failure tells the two apart.
    await record(began, context, {
      ...about,
      outcome: isKnown ? 'granted' : 'none',
      breakGlassId: made.id,
    });
    await state.append(eventOf(made, isKnown)).catch(async (error: unknown) => {
      await record(began, context, { ...about, outcome: 'failed', breakGlassId: made.id, error });
      throw error;
    });
    return isKnown ? made : null;
  };

  return {
    grant(input, context) {
      const next = granting.then(() => grant(input, context));
      granting = next.catch(() => undefined);
      return next;
    },
    async read(patientId, asked, context) {
      const began = clocks.elapsed();
      const patient = keyOf(patientId, context.load);
      const about = { kind: 'identified-read', patient, read: readFor(asked) } as const;
      const events = await state.events(grantKind);
      const breakGlassId = openGrant(events, context.user, patient.toString('hex'), clock());
      if (breakGlassId === undefined) {
        const error = new MaplewoodError('FORBIDDEN');
        await record(began, context, { ...about, outcome: 'refused', error });
        throw error;
      }
      const read = readPatient(parts.identified, patient, asked, context.most, context.load);
      const found = await read.catch(async (error: unknown) => {
        await record(began, context, { ...about, breakGlassId, outcome: 'failed', error });
        throw error;
      });
      const outcome = found
        ? ({ outcome: 'shown', rows: found.rows } as const)
        : ({ outcome: 'none' } as const);
      await record(began, context, { ...about, breakGlassId, ...outcome });
      return found ? { ...found.patient, patientId } : null;
    },
  };
}

/** The key behind a token of the recipient. Of any other text a key that nobody has, so that it is looked for like one. */
const keyOf = (token: string, { plan }: LoadContext): Buffer =>
  plan.identifiers.of('patient').decode(token) ?? randomBytes(pseudonymLength);

/** Whole seconds. */
const instant = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z');
