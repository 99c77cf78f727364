import { Lane } from '../../../src/warehouse/mssql/lane.js';

/** Work that ends when it is told to. */
function job() {
  let end: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  const state = { began: false };
  const work = () => {
    state.began = true;
    return done;
  };
  return { state, work, end };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a lane', () => {
  it('runs as many statements as it is wide, the others in their order', async () => {
    const lane = new Lane(1, 10);
    const jobs = [job(), job(), job()];
    const all = jobs.map(({ work }) => lane.run(undefined, work));
    await settled();
    expect(jobs.map(({ state }) => state.began)).toEqual([true, false, false]);
    jobs[0]!.end();
    await settled();
    expect(jobs.map(({ state }) => state.began)).toEqual([true, true, false]);
    expect(lane.running).toBe(1);
    jobs[1]!.end();
    jobs[2]!.end();
    await Promise.all(all);
    expect(lane.running).toBe(0);
  });

  it('refuses when too many wait', async () => {
    const lane = new Lane(1, 1);
    const [first, second] = [job(), job()];
    const running = [lane.run(undefined, first.work), lane.run(undefined, second.work)];
    await expect(lane.run(undefined, job().work)).rejects.toMatchObject({ code: 'OVERLOADED' });
    first.end();
    second.end();
    await Promise.all(running);
  });

  it('lets a caller leave the queue, and gives its place to the next', async () => {
    const lane = new Lane(1, 10);
    const [first, left, last] = [job(), job(), job()];
    const caller = new AbortController();
    const running = lane.run(undefined, first.work);
    const leaving = lane.run(caller.signal, left.work);
    const staying = lane.run(undefined, last.work);
    caller.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'REQUEST_CANCELLED' });
    first.end();
    last.end();
    await Promise.all([running, staying]);
    expect(left.state.began).toBe(false);
    expect(lane.running).toBe(0);
  });

  it('frees the place of a statement that failed', async () => {
    const lane = new Lane(1, 10);
    await expect(lane.run(undefined, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await lane.run(undefined, () => Promise.resolve(7))).toBe(7);
  });

  it('begins nothing for a caller who has gone', async () => {
    const { state, work } = job();
    await expect(new Lane(1, 1).run(AbortSignal.abort(), work)).rejects.toMatchObject({
      code: 'REQUEST_CANCELLED',
    });
    expect(state.began).toBe(false);
  });
});
