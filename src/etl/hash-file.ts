import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const pieceBytes = 1 << 20;

/** SHA-256 of a file in lower-case hex. While one piece is hashed the next is read, into the same memory again and again. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'r');
  try {
    const read = (piece: Buffer) => file.read(piece, 0, piece.length, null);
    let [piece, other] = [Buffer.allocUnsafe(pieceBytes), Buffer.allocUnsafe(pieceBytes)];
    let { bytesRead } = await read(piece);
    while (bytesRead > 0) {
      const next = read(other);
      hash.update(piece.subarray(0, bytesRead));
      ({ bytesRead } = await next);
      [piece, other] = [other, piece];
    }
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}
