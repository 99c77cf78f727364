/**
 * The engine could not read its file, or has given it up: no statement will succeed on it until it is opened anew. The engine
 * tells its errors apart by their first words alone.
 */
export const isOfFile = (error: unknown): boolean =>
  /^(FATAL Error|IO Error: Could not read|(IO|Serialization) Error: .*[Cc]orrupt)/.test(
    String((error as { readonly message?: unknown } | null)?.message),
  );
