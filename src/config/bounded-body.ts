/** An answer has more bytes than whoever asked takes. */
export class BodyTooLarge extends Error {}

/** The text of an answer, read up to so many bytes: whoever sends more cannot fill memory. Error: `BodyTooLarge`. */
export async function textWithin({ body }: Response, largest: number): Promise<string> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > largest) throw new BodyTooLarge('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
