/** What templates print of a lane's channels of a pixel: their type, and how one instruction loads them. */
interface LaneText {
  readonly lane: string;
  readonly zero: string;
  readonly members: readonly string[];
  /** The end of a PTX load: its type and its operands. */
  readonly ptx: string;
}

/** By the channels of a lane: of templates/cuda/partials/vector.hbs and line_load.hbs. */
export const LANES: Readonly<Record<number, LaneText>> = {
  1: { lane: 'float', zero: '0.0f', members: [''], ptx: '.f32 %0, [%1]' },
  2: {
    lane: 'float2',
    zero: 'make_float2(0.0f, 0.0f)',
    members: ['.x', '.y'],
    ptx: '.v2.f32 {%0, %1}, [%2]',
  },
};
