/** Public API of oriented1d. */
export * from './generator/problem.js';
export * from './generator/taps.js';
