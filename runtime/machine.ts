import { readdirSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { Isa } from '../generator/target.js';
import { addon } from './addon.js';

/** What a measurement was made on. Sizes in bytes. */
export interface Machine {
  readonly kind: 'machine';
  /** Short and stable, see {@link machineName}. */
  readonly name: string;
  readonly cpu: string;
  readonly isa: Isa;
  readonly logicalCores: number;
  /** Of the core that the caches were read from; absent where the system does not tell. */
  readonly l2Bytes?: number;
  readonly l3Bytes?: number;
  readonly memoryBytes: number;
  /** `Linux 6.1.0`. */
  readonly os: string;
  /** `v20.20.2`. */
  readonly node: string;
}

/** Describes this machine. @throws DeviceError if the addon cannot be loaded */
export function machine(): Machine {
  const cores = cpus();
  const caches = cacheSizes('/sys/devices/system/cpu/cpu0/cache');
  const processor = {
    cpu: cores[0]?.model.trim() || process.arch,
    isa: addon().isa(),
    logicalCores: cores.length,
    ...caches,
  };
  return Object.freeze({
    kind: 'machine',
    name: machineName(processor),
    ...processor,
    memoryBytes: totalmem(),
    os: `${type()} ${release()}`,
    node: process.version,
  });
}

/**
 * `amd-epyc_avx512_2c_l3-32m`: what decides how fast a kernel runs and stays the same over restarts and upgrades, as the
 * key of measurements in a database.
 */
export function machineName(processor: Pick<Machine, 'cpu' | 'isa' | 'logicalCores' | 'l3Bytes'>): string {
  const { cpu, isa, logicalCores, l3Bytes } = processor;
  const model = cpu
    .toLowerCase()
    .replaceAll(/\((r|tm)\)|@.*$|\b(cpu|processor)\b/g, ' ')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  const l3 = l3Bytes === undefined ? [] : [`l3-${Math.round(l3Bytes / 2 ** 20)}m`];
  return [model, isa, `${logicalCores}c`, ...l3].join('_');
}

// Linux describes each cache of a core in a folder of its own: level "3", size "32768K".
function cacheSizes(folder: string): Pick<Machine, 'l2Bytes' | 'l3Bytes'> {
  const sizes = new Map<string, number>();
  try {
    for (const index of readdirSync(folder).filter((name) => name.startsWith('index'))) {
      const read = (file: string) => readFileSync(join(folder, index, file), 'utf8').trim();
      sizes.set(read('level'), Number.parseInt(read('size'), 10) * 1024);
    }
  } catch {
    return {}; // another system, or a container that hides them
  }
  const [l2, l3] = [sizes.get('2'), sizes.get('3')];
  return { ...(l2 !== undefined && { l2Bytes: l2 }), ...(l3 !== undefined && { l3Bytes: l3 }) };
}
