import { kernelText, type Problem } from '../../generator/problem.js';

// How the page says things; `&`, `<` and the like are the template's business.

/** Stands where there is no value. */
export const NONE = '–';

/** A time of so many microseconds, to three digits or the microsecond: `0.418 µs`, `12.3 µs`, `4567 µs`. */
export function timeText(time: number): string {
  return `${time < 100 ? Number(time.toPrecision(3)) : Math.round(time)} µs`;
}

/** `1.05×`. */
export function ratioText(ratio: number | undefined): string {
  return ratio === undefined ? NONE : `${ratio.toFixed(2)}×`;
}

/** `1 kernel`, `4,263 trials`. */
export function countText(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** `2026-11-24 16:30`, in UTC. */
export function momentText(iso: string): string {
  return new Date(iso).toISOString().slice(0, 16).replace('T', ' ');
}

/** `22.5°`, `8 angles`; nothing of square filters. */
function anglesText({ filter, angles }: Problem): string {
  if (filter === 'square') return '';
  return angles.length === 1 ? `${angles[0]}°` : countText(angles.length, 'angle');
}

/** A problem in words, each of which tells it from others; what is usual is left unsaid. */
function problemWords(p: Problem): readonly string[] {
  return [
    `${p.op} ${p.layout}${p.dtype === 'f32' ? '' : ` ${p.dtype}`}`,
    `${p.height}×${p.width}`,
    `K=${kernelText(p)}`,
    p.stride === 1 ? '' : `s=${p.stride}`,
    anglesText(p),
    `C=${p.channels}`,
    `N=${p.batch}`,
  ];
}

/** `fprop nhwc 56×56 K=31 22.5° C=512 N=64`. */
export function problemText(problem: Problem): string {
  return problemWords(problem).filter(Boolean).join(' ');
}

/** Problems under one heading: the words that all share, and for each problem those that tell it from the others. */
export function headed(problems: readonly Problem[]): {
  readonly heading: string;
  readonly labels: readonly string[];
} {
  const words = problems.map(problemWords);
  const shared = words[0]!.map((word, i) => words.every((own) => own[i] === word));
  const text = (own: readonly string[], inHeading: boolean) =>
    own.filter((word, i) => word && shared[i] === inHeading).join(' ');
  return { heading: text(words[0]!, true), labels: words.map((own) => text(own, false) || own[1]!) };
}
