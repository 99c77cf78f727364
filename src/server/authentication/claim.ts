/** The claims of a token, or any other JSON object, before anything is known of its members. */
export type Claims = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A claim of the token itself: inherited members such as `constructor` are none. */
export const claim = (claims: Claims, name: string): unknown =>
  Object.hasOwn(claims, name) ? claims[name] : undefined;

export const isText = (value: unknown): value is string => typeof value === 'string';

export const isTextList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(isText);
