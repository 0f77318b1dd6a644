import { describe, expect, it } from 'vitest';
import { problem } from '../../generator/problem.js';
import { addon } from '../../runtime/addon.js';
import { openCpu } from '../../runtime/cpu.js';
import { DeviceError } from '../../runtime/errors.js';

describe('openCpu', () => {
  it('opens this processor', () => {
    const cpu = openCpu({ threads: 3 });
    expect(cpu).toMatchObject({ kind: 'cpu', threads: 3, target: { kind: 'cpu', isa: addon().isa() } });
    expect(Object.isFrozen(cpu)).toBe(true);
    expect(openCpu().threads).toBeGreaterThan(0);
  });

  it('runs narrower kernels than the processor could', () => {
    expect(openCpu({ isa: 'plain' }).target.isa).toBe('plain');
  });

  it.each([0, -1, 1.5, Number.NaN, 5000])('refuses %s threads', (threads) => {
    expect(() => openCpu({ threads })).toThrow(/threads must be a whole number from 1 to 1024/);
  });

  it('refuses an instruction set that is none', () => {
    expect(() => openCpu({ isa: 'neon' as never })).toThrow(/this processor runs .*plain kernels/);
  });
});

describe('copy', () => {
  it('copies floats and refuses unequal lengths', () => {
    const cpu = openCpu({ threads: 2 });
    const destination = new Float32Array(3);
    cpu.copy(destination, Float32Array.of(1, 2, 3));
    expect([...destination]).toEqual([1, 2, 3]);
    expect(() => cpu.copy(destination, new Float32Array(4))).toThrow(/destination must be .* 4 elements/);
  });
});

describe('loadBinary', () => {
  it('names the file that cannot be loaded', () => {
    const load = () =>
      openCpu().loadBinary(problem({ height: 1, width: 1, kernel: 1, angles: [0] }), 'absent.so', 'x');
    expect(load).toThrow(DeviceError);
    expect(load).toThrow(/absent\.so.*the kernel cannot be loaded/);
  });
});
