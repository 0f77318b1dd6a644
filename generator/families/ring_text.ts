import type { Program } from '../program.js';
import { plus } from './cuda_text.js';

/** What templates print of the order of a ring's tiles: where the task's tile lies, and the bands that it reads. */
interface RingOrder extends Readonly<Record<string, string>> {
  readonly along: string;
  readonly line: string;
  /** The first band, and the last. */
  readonly top: string;
  readonly bottom: string;
}

/**
 * Down the plane, so that bands are met in order: line by line, or all lines' first tiles before their second ones.
 * @param own the thread's line among its LINES
 */
export function ringOrder({ tile, origins, loads }: Program, own: string): RingOrder {
  const shallow = tile.major === 'x';
  const group = shallow ? 'task / TILES' : 'task % GROUPS';
  const across = origins[shallow ? 'y' : 'x'].from;
  const dys = loads.map(({ dy }) => dy);
  const [least, most] = [Math.min(...dys), Math.max(...dys)];
  const along = `along * ${tile.outputs.length}`;
  const top = shallow ? plus(`${group} * LINES`, across + least) : plus(along, least);
  const bottom = shallow ? plus(`${group} * LINES + LINES - 1`, across + most) : plus(along, most);
  return {
    along: shallow ? 'task % TILES' : 'task / GROUPS',
    line: plus(`${group} * LINES + ${own}`, across),
    top: `band_of(${top})`,
    bottom: `band_of(${bottom})`,
  };
}
