#!/usr/bin/env node
import { systemReason } from '../runtime/system_reason.js';
import { EXIT } from './errors.js';
import { withMoreThreads } from './more_threads.js';
import { runProgram } from './program.js';

// A reader that has seen enough (`| head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  process.stderr.write(`oriented1d: '/dev/stdout': cannot be written: ${systemReason(error)}; ${REMEDY}\n`);
  process.exit(EXIT.failed);
});

// What is said on the way is for whoever listens; work goes on without.
process.stderr.on('error', () => {});

const REMEDY = 'make room, or send the output elsewhere';

const argv = process.argv.slice(2);
process.exitCode = (await withMoreThreads(argv)) ?? (await runProgram(argv, process));
