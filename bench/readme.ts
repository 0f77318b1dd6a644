import { readdirSync, readFileSync } from 'node:fs';
import { packagePath } from '../generator/package.js';
import { cpuTable } from './cpu_table.js';
import { cudaTable } from './cuda_table.js';
import { modelsMarkdown } from './models/readme_table.js';
import { operationsMarkdown } from './table5/readme_operations.js';
import { table5Markdown } from './table5/readme_table.js';

const CPU = 'cpu_layers.json';
const CPU_GRADIENTS = 'cpu_backward.json';
const CUDA = ['cuda_table5.json', 'cuda_stem.json', 'cuda_stage4.json'];
const TABLE5 = 'table5.json';
const CUDA_MODELS = ['cuda_models.json', 'cuda_models_base.json'];
const CPU_MODELS = ['cpu_models.json'];

/** README.md with its results as bench/results/ has them, and its example of a kernel as generated/ has it. */
export function readmeWithResults(): string {
  const sections = {
    'cuda-results': cudaTable(CUDA.map(measured)),
    table5: table5Markdown(measured(TABLE5)),
    'table5-operations': operationsMarkdown(measured(TABLE5)),
    'cuda-models': modelsMarkdown(CUDA_MODELS.map(measured)),
    'cpu-models': modelsMarkdown(CPU_MODELS.map(measured)),
    'cpu-results': cpuTable(measured(CPU)),
    'cpu-gradients': cpuTable(measured(CPU_GRADIENTS)),
    kernel: `\`\`\`\n${exampleKernel()}\n\`\`\`\n`,
  };
  const text = readFileSync(packagePath('README.md'), 'utf8');
  return Object.entries(sections).reduce((all, [name, content]) => section(all, name, content), text);
}

/** @throws Error if the run was interrupted */
function measured(file: string): unknown {
  const document: object = JSON.parse(readFileSync(packagePath('bench', 'results', file), 'utf8'));
  if ('left' in document) throw new Error(`bench/results/${file} is of a run that did not come to its end`);
  return document;
}

/** The text with what stands between the marks of a section replaced. */
function section(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->\n`, `<!-- ${name}:end -->`];
  const [before, rest] = text.split(begin);
  return `${before}${begin}${content}${end}${rest!.split(end)[1]!}`;
}

const EXAMPLE = { folder: 'kernels/cpu-avx512', layer: 'fprop_nhwc_f32_56x56_s1_k31_a0i22p5x8_c512' };

/** The path of a published kernel. */
function exampleKernel(): string {
  const files = readdirSync(packagePath('generated', EXAMPLE.folder));
  return `generated/${EXAMPLE.folder}/${files.find((file) => file.startsWith(`${EXAMPLE.layer}__`))!}`;
}
