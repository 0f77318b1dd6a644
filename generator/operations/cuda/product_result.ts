import { LANES } from '../../families/lane_text.js';
import type { TemplateData } from '../../template.js';
import type { Product } from '../operation.js';

/** What templates/cuda/partials/product_result.hbs prints: the residual, and which of that and the output are planes. */
export function resultData({ residual, planes }: Product): TemplateData {
  return {
    residual,
    planes: planes !== undefined,
    ...(planes && { pixels: planes.pixels }),
    residualPlanes: planes !== undefined && residual,
    outputPlanes: planes?.of === 'output',
    ...LANES[1]!, // line_load.hbs loads a number at a time
  };
}
