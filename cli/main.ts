#!/usr/bin/env node
import { systemReason } from '../runtime/system_reason.js';
import { EXIT } from './errors.js';
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

process.exitCode = await runProgram(process.argv.slice(2), process);
