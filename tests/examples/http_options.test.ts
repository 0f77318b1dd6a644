import { expect, it } from 'vitest';
import { readOptions, UsageError } from '../../examples/http-classifier/options.js';

it('reads what is given, and has the rest', () => {
  expect(readOptions(['--weights', 'w.pth', '--batch', '4'])).toEqual({
    ...{ weights: 'w.pth', labels: undefined, port: 8080, batch: 4 },
    ...{ wait: 5, side: 224, requests: 256 },
  });
});

it.each([
  [[], /^give --weights FILE/],
  [['--foo'], /Unknown option '--foo'/],
  [['--weights', 'w', '--batch', 'x'], /^--batch 'x': must be a whole number from 1$/],
  [['--weights', 'w', '--wait', ''], /^--wait '': must be a whole number from 0$/],
  [['--weights', 'w', '--port', '65536'], /^--port '65536': must be a whole number from 0 to 65535$/],
  [['--weights', 'w', '--side', '0'], /^--side '0': must be a whole number from 1$/],
] as const)('%o is refused', (args, message) => {
  expect(() => readOptions(args)).toThrow(UsageError);
  expect(() => readOptions(args)).toThrow(message);
});
