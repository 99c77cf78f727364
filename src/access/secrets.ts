/** The one secret that is a text, and no key. */
export const deploymentId = 'deployment-id';

/** The secrets of an installation, wherever they are kept, by names such as `cursor`, `token-a1` and `deployment-id`. */
export interface Secrets {
  /** Names of those that are there. */
  names(): readonly string[];
  /**
   * The bytes of a secret; undefined where there is none. `make` gives those of a new one, for a place where one may be
   * made. Error: `CONFIGURATION` where it cannot be used as it is kept.
   */
  read(name: string, make?: () => Uint8Array): Uint8Array | undefined;
  /** Its name where it is kept, such as `cursor.key`. */
  called(name: string): string;
  /** Where it is kept, for a message. */
  place(name: string): string;
  /** What to do where it is missing, as a sentence. */
  remedy(name: string): string;
}

/** As if what is missing had been made; what is there is looked at all the same. */
export const asIfMade = (secrets: Secrets): Secrets => ({
  ...secrets,
  read: (name, make) => secrets.read(name) ?? make?.(),
});
