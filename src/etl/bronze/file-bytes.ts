import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { systemCode } from '../../errors.js';

/** The gzip stream is cut, damaged or none. */
export class GzipDamaged extends Error {}

/** The content of a delivered file in pieces, unpacked where it is gzip. Throws `GzipDamaged`. */
export async function* bytesOf(path: string, gzip: boolean): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  if (!gzip) {
    for await (const chunk of file) yield chunk as Buffer;
    return;
  }
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  file.on('error', (error) => gunzip.destroy(error));
  file.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (error) {
    if (systemCode(error)?.startsWith('Z_')) {
      throw new GzipDamaged('the gzip stream is cut or damaged, or the file is not gzip', { cause: error });
    }
    throw error;
  } finally {
    file.destroy();
  }
}
