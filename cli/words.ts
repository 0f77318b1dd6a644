/** `1 kernel`, `2 kernels`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A time in microseconds, to three digits or the microsecond: `0.418 us`, `12.3 us`, `4567 us`. */
export function microseconds(time: number): string {
  return `${time < 100 ? Number(time.toPrecision(3)) : Math.round(time)} us`;
}

/** The same with its spread: `12.3 us +-2 %`. */
export function timing({ median, spread }: { readonly median: number; readonly spread: number }): string {
  return `${microseconds(median)} +-${(100 * spread).toFixed(0)} %`;
}
