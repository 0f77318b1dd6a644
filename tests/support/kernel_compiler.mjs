// Compiles a kernel into a cache: node kernel_compiler.mjs <URL of runtime/compiler.js> <folder>
const [module, folder] = process.argv.slice(2);
const { compile, findCompiler } = await import(module);
process.stdout.write(
  `${await compile(await findCompiler(), { name: 'kernel', text: '', flags: [], folder })}\n`,
);
