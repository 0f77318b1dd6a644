/** In how many parts a time limit passes. */
const PARTS = 20;

/**
 * Does something once so many milliseconds have passed in which this process ran. Of a while in which it was stopped, as by Ctrl-Z,
 * or got no processor, no more counts than a part of the limit; and what came meanwhile is heard first.
 * @returns takes it back
 */
export function patience(limit: number, action: () => void): () => void {
  let passed = 0;
  let last: NodeJS.Immediate | undefined;
  const timer = setInterval(() => {
    passed++;
    if (passed < PARTS) return;
    clearInterval(timer);
    last = setImmediate(action);
  }, limit / PARTS);
  return () => {
    clearInterval(timer);
    clearImmediate(last);
  };
}
