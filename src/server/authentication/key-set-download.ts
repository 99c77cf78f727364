import { textWithin } from '../../config/bounded-body.js';

/** Bytes of the largest key set; Entra's has about 20 kB. */
const largest = 256 * 1024;
/** Milliseconds until a download is given up. */
const patience = 5_000;

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * The text behind an https address. It fails for a redirect, for any other status than 200, for more than
 * 256 KiB and after 5 seconds, so that whoever can disturb the network can neither lead it elsewhere nor fill memory.
 */
export async function downloadKeySet(url: string, fetch: Fetch): Promise<string> {
  if (!url.startsWith('https://')) throw new Error('a key set is read over https only');
  const response = await fetch(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(patience),
    headers: { accept: 'application/json' },
  });
  if (response.status !== 200 || response.body === null) throw new Error(`status ${response.status}`);
  return textWithin(response, largest);
}
