/**
 * The kernels that take every shape at run time: what runs where the library holds none, or no compiler is found. Apart
 * from their text, which brings the templates along, so that a program that only runs kernels need not load them.
 */
export const GENERAL_KERNELS = {
  fprop: 'cpp_general_fprop_f32',
  dgrad: 'cpp_general_dgrad_f32',
  wgrad: 'cpp_general_wgrad_f32',
} as const;

/** What a general kernel computes. */
export type GeneralOp = keyof typeof GENERAL_KERNELS;
