import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';

export interface Service {
  /** What is answered for an image. Rejects with a {@link Refusal} if the image is the client's mistake. */
  readonly classify: (image: Buffer) => Promise<object>;
  /** Bytes of an image, at most. */
  readonly mostBytes: number;
  /** Requests that are read, wait or run at a time; more are turned away. */
  readonly mostRequests: number;
  /** Milliseconds that a client has to send all of its request; 20 seconds unless given. */
  readonly requestTime?: number;
}

/** A request that cannot be answered, and the status that says so. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface ClassifierServer {
  readonly server: Server;
  /** Takes no more requests, answers those that are there, and resolves when the last has its answer. */
  drain(): Promise<void>;
}

/** `POST /` takes an image and answers with JSON; `GET /health` says whether it takes any. */
export function classifierServer(service: Service): ClassifierServer {
  const { requestTime = 20_000 } = service;
  let requests = 0;
  let draining = false;

  async function answer(request: IncomingMessage): Promise<object> {
    if (request.url === '/health') {
      if (draining) throw new Refusal(503, 'shutting down');
      return { status: 'ok', requests };
    }
    if (request.url !== '/') throw new Refusal(404, 'POST an image to /, or GET /health');
    if (request.method !== 'POST') throw new Refusal(405, 'POST an image');
    if (draining) throw new Refusal(503, 'shutting down');
    if (requests >= service.mostRequests) throw new Refusal(503, 'too many requests at a time');
    requests++;
    try {
      return await service.classify(await bodyOf(request, service.mostBytes));
    } finally {
      requests--;
    }
  }

  const server = createServer(
    { connectionsCheckingInterval: Math.min(1000, requestTime) },
    async (request, response) => {
      try {
        send(response, 200, await answer(request), draining);
      } catch (error) {
        if (request.errored) return; // the client is gone, and nobody to answer
        const status = error instanceof Refusal ? error.status : 500;
        if (status === 500) console.error(error);
        // What the client still sends of a request that is refused is not read: the connection ends with the answer.
        const message = status === 500 ? 'the server failed' : (error as Error).message;
        send(response, status, { error: message }, draining || !request.complete);
      }
    },
  );
  // Of a whole request; Node looks for those that take longer every now and then, and takes the longer of both for it.
  server.requestTimeout = requestTime;
  server.headersTimeout = requestTime;
  server.keepAliveTimeout = Math.min(5000, requestTime); // of a connection without a request
  return {
    server,
    drain() {
      draining = true;
      server.closeIdleConnections();
      // The HTTP server's own close would look no more for clients that take too long, and wait for them for ever.
      return new Promise((resolve) => NetServer.prototype.close.call(server, () => resolve()));
    },
  };
}

async function bodyOf(request: IncomingMessage, most: number): Promise<Buffer> {
  const tooLarge = new Refusal(413, `an image may have ${most} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge;
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    bytes += part.length;
    if (bytes > most) throw tooLarge;
    parts.push(part);
  }
  if (bytes === 0) throw new Refusal(400, 'the body is empty, and should be an image');
  return Buffer.concat(parts);
}

function send(response: ServerResponse, status: number, body: object, last: boolean): void {
  if (response.destroyed) return; // the client is gone
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(status === 503 && { 'retry-after': '1' }),
    ...(last && { connection: 'close' }),
  });
  response.end(`${JSON.stringify(body)}\n`);
}
