/**
 * The kernel that takes every shape at run time: what runs where the library holds none, or no compiler is found. Apart
 * from its text, which brings the templates along, so that a program that only runs kernels need not load them.
 */
export const GENERAL_KERNEL = 'cpp_general_fprop_f32';
