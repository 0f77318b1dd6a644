import { problem } from '../../generator/problem.js';
import { type Parameters, planBuilder } from '../../runtime/plan/builder.js';
import { gelu, norm, patches, pool, product, stem } from '../../runtime/plan/operations.js';
import type { Plan } from '../../runtime/plan/plan.js';
import type { Constant } from '../../runtime/plan/step.js';
import { fractions } from './numbers.js';

/** Parameters of a shape, the same for the same name. */
export function constant(name: string, shape: readonly number[]): Constant {
  const length = shape.reduce((product, size) => product * size, 1);
  const seed = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  return { kind: 'constant', name, shape, read: async () => new Float32Array(fractions(length, seed)) };
}

function parameters(name: string, outer: number, ...inner: readonly number[]): Parameters {
  return { weight: constant(`${name}.weight`, [outer, ...inner]), bias: constant(`${name}.bias`, [outer]) };
}

/** Every kind of step, on two images of 12x10. */
export function tinyPlan(): Plan {
  const builder = planBuilder({ batch: 2, height: 12, width: 10 });
  const spec = { height: 12, width: 10, stride: 2, kernel: 3, angles: [0, 45], batch: 2, channels: 5 };
  const wide = stem(builder, 'stem', problem({ ...spec, stride: 1 }), {
    weight: constant('stem.weight', [3 + 3, 5]),
    bias: constant('stem.bias', [2, 5]),
  });
  const half = builder.convolution('dw', wide, {
    problem: problem(spec),
    parameters: parameters('dw', 5, 3),
    resid: true,
  });
  const map = norm(builder, 'norm', half, { affine: parameters('norm', 5), gelu: 'exact' });
  const four = product(builder, 'up', map, parameters('up', 20, 5), { outer: 20, normalize: true });
  const active = gelu(builder, 'gelu', four, 'exact');
  const sum = product(builder, 'down', active, parameters('down', 5, 20), { outer: 5, residual: map });
  const quarters = patches(builder, 'patches', sum, { side: 2, normalize: true });
  const pooled = pool(builder, 'pool', quarters);
  const logits = product(builder, 'head', pooled, parameters('head', 7, 20), {
    outer: 7,
    normalize: true,
    gelu: 'exact',
  });
  return builder.finish({ map: sum, logits });
}
