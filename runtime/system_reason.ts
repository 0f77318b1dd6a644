/** What the system said of a failure, without its code, the call and the path: `no such file or directory`; of other errors the message. */
export function systemReason(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return /^E[A-Z0-9]+: ([^,]+)/.exec(text)?.[1] ?? text;
}
