import { addon } from '../../runtime/addon.js';
import type { Reply, Request } from './protocol.js';
import { runFinal, runTrial } from './run_trial.js';
import { type Workload, workload } from './workload.js';

// A process of its own for trials: a kernel that crashes or hangs takes this process along, not the tuner.
let load: Workload | undefined;
/** The number of its process. */
const TUNER = Number(process.argv[2]);

process.on('message', async (request: Request) => process.send!(await answer(request)));
// Ctrl-C reaches the whole process group, and so may other signals; the tuner decides when its workers end.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});

async function answer(request: Request): Promise<Reply> {
  try {
    switch (request.kind) {
      case 'setup':
        addon().endWithParent(TUNER); // before any kernel, which may hang when the tuner is killed
        load = await workload(request);
        return { kind: 'ready' };
      case 'trial':
        return { kind: 'outcome', outcome: runTrial(load!, request) };
      case 'final':
        return runFinal(load!, request);
      default:
        return request satisfies never;
    }
  } catch (error) {
    return { kind: 'broken', reason: error instanceof Error ? error.message : String(error) };
  }
}
