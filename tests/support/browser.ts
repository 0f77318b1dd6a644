import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** The browser on the PATH, if there is one. */
export const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'].find((name) => {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

/** What a page came to at one width. */
export interface Look {
  readonly png: Buffer;
  /** Pixels that the page is wider than the window. */
  readonly overflow: number;
  /** What the page wrote to the console, threw or failed to load. */
  readonly complaints: readonly string[];
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

const COMPLAINTS: ReadonlySet<string> = new Set([
  'Runtime.exceptionThrown',
  'Runtime.consoleAPICalled',
  'Log.entryAdded',
  'Network.loadingFailed',
]);

/**
 * Opens a file in a headless Chromium of its own, at a width in pixels, and looks at it. Speaks the DevTools protocol over
 * two pipes (https://chromedevtools.github.io/devtools-protocol).
 */
export async function lookAt(file: string, width: number, { dark = false } = {}): Promise<Look> {
  const profile = mkdtempSync(join(tmpdir(), 'oriented1d-chromium-'));
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    '--disable-dev-shm-usage',
  ];
  const child = spawn(
    CHROMIUM!,
    [...flags, `--user-data-dir=${profile}`, '--remote-debugging-pipe', 'about:blank'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true },
  );
  try {
    return await look(new Devtools(child), file, width, dark);
  } finally {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    process.kill(-child.pid!, 'SIGKILL'); // its helpers, too, which write into the profile
    await gone;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function look(devtools: Devtools, file: string, width: number, dark: boolean): Promise<Look> {
  const { targetId } = await devtools.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await devtools.send('Target.attachToTarget', { targetId, flatten: true });
  const send = (method: string, params: object = {}) => devtools.send(method, params, sessionId as string);
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await send(`${domain}.enable`);
  const scheme = { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' };
  await send('Emulation.setEmulatedMedia', { features: [scheme] });
  await send('Emulation.setDeviceMetricsOverride', {
    width,
    height: 844,
    deviceScaleFactor: 1,
    mobile: width < 600,
  });
  const loaded = devtools.event('Page.loadEventFired');
  await send('Page.navigate', { url: `file://${file}` });
  await loaded;
  // A phone's window grows with what sticks out of it, so that it is no measure.
  const { result } = await send('Runtime.evaluate', { expression: 'document.documentElement.scrollWidth' });
  const { data } = await send('Page.captureScreenshot', { captureBeyondViewport: true });
  return {
    png: Buffer.from(data as string, 'base64'),
    overflow: (result as { readonly value: number }).value - width,
    complaints: devtools.complaints,
  };
}

/** The protocol's messages, each ended by a zero byte. */
class Devtools {
  readonly complaints: string[] = [];
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #events = new Map<string, () => void>();
  readonly #input: Writable;
  #sent = 0;
  #rest = '';

  constructor({ stdio }: ChildProcess) {
    this.#input = stdio[3] as Writable;
    (stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => this.#take(text));
  }

  event(method: string): Promise<void> {
    return new Promise((resolve) => this.#events.set(method, resolve));
  }

  async send(method: string, params: object, sessionId?: string): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.#sent;
    const reply = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    this.#input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await reply;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result!;
  }

  #take(text: string): void {
    const parts = (this.#rest + text).split('\0');
    this.#rest = parts.pop()!;
    for (const part of parts) this.#hear(JSON.parse(part) as Message);
  }

  #hear(message: Message): void {
    if (message.id !== undefined) this.#waiting.get(message.id)?.(message);
    const { method = '', params } = message;
    if (COMPLAINTS.has(method)) this.complaints.push(`${method} ${JSON.stringify(params)}`);
    this.#events.get(method)?.();
  }
}
