import { setTimeout as pause } from 'node:timers/promises';
import { EXIT, type Exit } from './errors.js';
import type { Ui } from './ui.js';

/** Signals that end a command which is at work: Ctrl-C, and what `kill` and job schedulers send. */
const EXITS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;

/** How long after what it brings about a signal may be heard of, in milliseconds: an event loop has signals last. */
const SIGNAL_AFTER = 200;

/**
 * Listens to the signals that would otherwise end the process at once.
 * @param action gets the exit code that the signal asks for, each time that one comes
 * @returns takes it back
 */
export function onInterruption(action: (exit: Exit) => void): () => void {
  const taken = Object.entries(EXITS).map(([signal, exit]) => {
    const listener = () => action(exit);
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => {
    for (const takeBack of taken) takeBack();
  };
}

const NOTHING = 'of times that are not all there nothing is kept';

/**
 * Does what keeps nothing of itself unless it comes to its end. A signal ends it, and the process, at once.
 * @param end closes what is open; also done when the action has ended
 * @param kept what is said of an action that has kept something nevertheless
 */
export async function allOrNothing<T>(
  action: () => Promise<T>,
  end: () => void,
  ui: Ui,
  kept: () => string = () => NOTHING,
): Promise<T> {
  const takeBack = onInterruption((exit) => {
    end();
    ui.note(`interrupted: ${kept()}`);
    process.exit(exit);
  });
  try {
    return await action();
  } catch (error) {
    await pause(SIGNAL_AFTER); // Ctrl-C ends processes of ours, too, and their end may be heard of first
    throw error;
  } finally {
    takeBack();
    end();
  }
}
