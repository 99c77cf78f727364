import type { Value } from '../arden/value.js';

export type Indicator = 'info' | 'warning' | 'critical';

const usualUrgency = 50;

/** Urgency of what a rule says, 1 to 99; what is no number counts as the usual one. */
export const urgencyOf = (urgency: Value): number =>
  urgency.type === 'number' ? Math.floor(Math.min(99, Math.max(1, urgency.value))) : usualUrgency;

export const indicatorOf = (urgency: number): Indicator =>
  urgency >= 80 ? 'critical' : urgency >= 50 ? 'warning' : 'info';
