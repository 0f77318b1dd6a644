import type { AddressInfo } from 'node:net';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it, onTestFinished, test, vi } from 'vitest';
import { Batcher } from '../../examples/http-classifier/batcher.js';
import { classifierServer, Refusal, type Service } from '../../examples/http-classifier/server.js';

/** Doubles numbers, and keeps what it ran together. */
function doubling(most: number, wait: number, time = 1) {
  const batches: (readonly number[])[] = [];
  let running = 0;
  const batcher = new Batcher<number, number>({
    most,
    wait,
    async run(items) {
      expect(++running).toBe(1);
      batches.push(items);
      await pause(time);
      running--;
      if (items.includes(13)) throw new Error('13 is unlucky');
      return items.map((item) => 2 * item);
    },
  });
  return { batcher, batches };
}

test('every item gets its own result, in batches that are no larger than they may be', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(100), { maxLength: 30 }),
      fc.integer({ min: 1, max: 8 }),
      async (items, most) => {
        const numbers = items.map((item) => item + 100);
        const { batcher, batches } = doubling(most, 1, 0);
        const results = await Promise.all(numbers.map((item) => batcher.submit(item)));
        expect(results).toEqual(numbers.map((item) => 2 * item));
        expect(batches.flat()).toEqual(numbers);
        expect(Math.max(0, ...batches.map(({ length }) => length))).toBeLessThanOrEqual(most);
        expect(batcher.waiting).toBe(0);
      },
    ),
    { numRuns: 30 },
  );
});

it('waits for others, but no longer than it may', async () => {
  const { batcher, batches } = doubling(3, 30);
  const start = performance.now();
  const first = batcher.submit(1);
  await pause(5);
  expect(batches).toEqual([]);
  await Promise.all([first, batcher.submit(2)]);
  expect(performance.now() - start).toBeGreaterThan(25);
  expect(batches).toEqual([[1, 2]]);
});

it('starts a full batch at once, and then what came while it ran', async () => {
  const { batcher, batches } = doubling(2, 1e6, 10);
  const running = [batcher.submit(1), batcher.submit(2)];
  await pause(1);
  running.push(batcher.submit(3));
  expect(await Promise.all(running)).toEqual([2, 4, 6]);
  expect(batches).toEqual([[1, 2], [3]]);
});

it('a batch that fails takes no other along', async () => {
  const { batcher } = doubling(2, 1);
  const results = await Promise.allSettled([13, 1, 2, 3].map((item) => batcher.submit(item)));
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled']);
});

interface Running {
  readonly url: string;
  readonly drain: () => Promise<void>;
  /** Bytes that have come of each connection so far. */
  readonly read: () => readonly number[];
}

/** Whatever a busy machine needs; Node itself would let slow clients be for a minute and more. */
const SOON = { timeout: 20_000, interval: 5 };

async function started(service: Partial<Service> = {}): Promise<Running> {
  const { server, drain } = classifierServer({
    classify: async (image) => ({ bytes: image.length }),
    mostBytes: 1000,
    mostRequests: 2,
    ...service,
  });
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, drain, read: () => sockets.map(({ bytesRead }) => bytesRead) };
}

async function post(url: string, body: string | ReadableStream): Promise<readonly [number, unknown]> {
  const response = await fetch(url, { method: 'POST', body, duplex: 'half' } as RequestInit);
  return [response.status, await response.json()];
}

it('answers an image, and says that it is well', async () => {
  const { url } = await started();
  expect(await post(url, 'an image')).toEqual([200, { bytes: 8 }]);
  const health = await fetch(`${url}/health`);
  expect([health.status, await health.json()]).toEqual([200, { status: 'ok', requests: 0 }]);
});

it('refuses what it cannot answer', async () => {
  const logged = vi.spyOn(console, 'error').mockReturnValue();
  onTestFinished(() => logged.mockRestore());
  const { url } = await started({
    classify: async (image) => {
      if (image.length === 4) throw new Refusal(400, 'no image');
      throw new Error('secret');
    },
  });
  expect(await post(url, 'text')).toEqual([400, { error: 'no image' }]);
  expect(await post(url, 'image')).toEqual([500, { error: 'the server failed' }]);
  expect(String(logged.mock.lastCall)).toBe('Error: secret');
  expect(await post(url, '')).toEqual([400, { error: 'the body is empty, and should be an image' }]);
  expect((await fetch(url)).status).toBe(405);
  expect((await fetch(`${url}/other`)).status).toBe(404);
});

it('refuses a body that is too large, whether it says so or not', async () => {
  const { url } = await started();
  expect(await post(url, 'x'.repeat(1001))).toEqual([413, { error: 'an image may have 1000 bytes' }]);
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(600)),
  });
  // The connection may end before the client has read why.
  const outcome = await post(url, endless).catch(() => [413]);
  expect(outcome[0]).toBe(413);
  expect(await post(url, 'x'.repeat(1000))).toEqual([200, { bytes: 1000 }]);
});

it('turns away more requests than it may have, and takes others again after those', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const classify = vi.fn(async () => held.then(() => ({})));
  const { url } = await started({ classify });
  const first = [post(url, 'a'), post(url, 'b')];
  await vi.waitFor(() => expect(classify).toHaveBeenCalledTimes(2), SOON);
  const third = await fetch(url, { method: 'POST', body: 'c' });
  expect([third.status, third.headers.get('retry-after')]).toEqual([503, '1']);
  release();
  expect(await Promise.all(first)).toEqual([
    [200, {}],
    [200, {}],
  ]);
  expect(await post(url, 'd')).toEqual([200, {}]);
});

/** A client that sends a little every now and then, until the server ends it. @returns all that it was sent */
function slowClient(url: string, first: string, more: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let got = '';
  const timer = setInterval(() => socket.write(more), 20);
  socket.on('data', (data) => {
    got += data;
  });
  socket.on('error', () => {}); // it may be writing when it is ended
  socket.write(first);
  return new Promise((resolve) =>
    socket.once('close', () => {
      clearInterval(timer);
      resolve(got);
    }),
  );
}

const POST = 'POST / HTTP/1.1\r\nhost: x\r\n';
const SLOW: readonly (readonly [of: string, first: string, more: string])[] = [
  ['nothing', '', ''],
  ['headers', POST, 'x: y\r\n'],
  ['a body', `${POST}content-length: 999\r\n\r\n`, 'a'],
  ['a body in chunks', `${POST}transfer-encoding: chunked\r\n\r\n`, '1\r\na\r\n'],
];

test.each(SLOW)('a client that is slow with %s is ended', async (_, first, more) => {
  const { url } = await started({ requestTime: 150 });
  const start = performance.now();
  expect(await slowClient(url, first, more)).toMatch(/^HTTP\/1\.1 408 /);
  expect(performance.now() - start).toBeLessThan(SOON.timeout);
});

it('has room again once slow clients were ended', async () => {
  const { url } = await started({ requestTime: 2000 }); // both are to be here at a time, on a busy machine, too
  const [, first, more] = SLOW[2]!;
  const slow = [slowClient(url, first, more), slowClient(url, first, more)];
  await vi.waitFor(async () => expect((await post(url, 'a'))[0]).toBe(503), SOON);
  await Promise.all(slow);
  expect(await post(url, 'a')).toEqual([200, { bytes: 1 }]);
});

it('closes connections that are kept and not used', async () => {
  const { url } = await started({ requestTime: 150 });
  const kept = slowClient(url, 'GET /health HTTP/1.1\r\nhost: x\r\n\r\n', '');
  expect(await kept).toMatch(/^HTTP\/1\.1 200 OK\r\n.*connection: keep-alive\r\n/is);
}, 20_000);

it('waits for no slow client when it is to end', async () => {
  const { url, drain, read } = await started({ requestTime: 150 });
  const slow = SLOW.map(([, first, more]) => slowClient(url, first, more));
  await vi.waitFor(() => expect(read()).toHaveLength(SLOW.length), SOON);
  await drain();
  for (const said of await Promise.all(slow)) expect(said).toMatch(/^HTTP\/1\.1 (408|503) /);
}, 20_000);

it('answers what it has taken before it ends, and takes no more', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const classify = vi.fn(async () => held.then(() => ({ done: true })));
  const { url, drain, read } = await started({ classify });
  const { port } = new URL(url);
  const open = connect(Number(port), '127.0.0.1');
  open.write('GET /health HTTP/1.1\r\nhost: x\r\n'); // and not yet the end of it
  await vi.waitFor(() => expect(read()[0]).toBeGreaterThan(0), SOON);
  const first = post(url, 'a');
  await vi.waitFor(() => expect(classify).toHaveBeenCalled(), SOON);
  let ended = false;
  const drained = drain().then(() => {
    ended = true;
  });
  await expect(post(url, 'b')).rejects.toThrow();
  const said = new Promise<string>((resolve) => open.once('data', (data) => resolve(String(data))));
  open.write('\r\n');
  expect(await said).toMatch(/^HTTP\/1\.1 503 .*connection: close.*shutting down/is);
  expect(ended).toBe(false);
  release();
  expect(await first).toEqual([200, { done: true }]);
  await drained;
});
