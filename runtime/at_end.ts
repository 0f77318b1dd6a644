/** Signals that end a process which does not listen to them. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What is to be done at the end, in the order in which it was asked for. */
const actions = new Set<() => void>();

/**
 * Does something if the process ends before it is taken back: by process.exit, or by a signal that nobody else listens to. What was
 * asked for last is done first. Nothing can be waited for, and what an action throws is lost.
 * @returns takes it back
 */
export function atEnd(action: () => void): () => void {
  const own = () => action(); // the same action may be asked for twice
  if (actions.size === 0) listen();
  actions.add(own);
  return () => {
    actions.delete(own);
    if (actions.size === 0) ignore();
  };
}

function act(): void {
  const latestFirst = [...actions].reverse();
  actions.clear();
  for (const action of latestFirst)
    try {
      action();
    } catch {} // the process ends; the others have their turn still
}

/** The signal does what it would have done without us. A listener beside this one has an ending of its own. */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  act();
  ignore();
  process.kill(process.pid, signal);
}

function listen(): void {
  process.on('exit', act);
  // First in turn: a listener for one time is taken off before it is called, and would not be counted.
  for (const signal of SIGNALS) process.prependListener(signal, onSignal);
}

function ignore(): void {
  process.off('exit', act);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}
