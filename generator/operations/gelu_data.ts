import type { TemplateData } from '../template.js';
import type { GeluForm } from './operation.js';

/** What templates that have GELU print, or may have it: whether it is there, and partials/gelu.hbs in which form. */
export function geluData(form: GeluForm | null): TemplateData {
  return { gelu: form !== null, tanh: form === 'tanh' };
}
