import type { Value } from '../value.js';
import { formatValue } from './format.js';

const placeholder = /\|\|\s*([a-z]\w*)\s*\|\|/gi;

/**
 * A text of WRITE in which names stand between bars inside of the quotes, as some files have it: each is replaced by its
 * value. What names nothing stays as it is.
 */
export function substitute(template: string, lookUp: (name: string) => Value | undefined): string {
  return template.replace(placeholder, (whole, name: string) => {
    const value = lookUp(name.toLowerCase());
    return value ? formatValue(value) : whole;
  });
}
