/** Flags under which emitted code has to compile: some warnings are only found where the compiler optimises. */
export const STRICT = ['-Wall', '-Wextra', '-Werror'] as const;
