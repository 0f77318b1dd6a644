import * as Plot from '@observablehq/plot';
import { JSDOM } from 'jsdom';

const { document } = new JSDOM('').window;

/** What a chart is drawn from: Plot's options, and what it shows, for those who hear it. */
export interface Chart extends Omit<Plot.PlotOptions, 'document' | 'className' | 'style'> {
  readonly width: number;
  readonly height: number;
  readonly ariaLabel: string;
}

/**
 * A chart as an SVG element's text, without a style of its own: the page's rules for `.plot` give it fonts and colours,
 * and its width is the place's. Coordinates are rounded to a tenth of a pixel, which halves the text.
 */
export function plotSvg(chart: Chart): string {
  const svg = Plot.plot({ ...chart, document, className: 'plot' } as Plot.PlotOptions) as unknown as Element;
  svg.querySelector('style')?.remove();
  for (const name of ['width', 'height', 'fill', 'font-family', 'font-size', 'text-anchor'])
    svg.removeAttribute(name);
  svg.setAttribute('role', 'img');
  for (const element of [svg, ...svg.querySelectorAll('*')]) {
    if (element !== svg) for (const name of ['aria-label', 'aria-hidden']) element.removeAttribute(name);
    for (const attribute of element.attributes)
      if (GEOMETRY.has(attribute.name)) attribute.value = rounded(attribute.value);
  }
  return svg.outerHTML;
}

type Element = InstanceType<typeof JSDOM>['window']['document'];

const GEOMETRY: ReadonlySet<string> = new Set(
  'd x y x1 x2 y1 y2 cx cy r dx dy width height transform points'.split(' '),
);

function rounded(text: string): string {
  return text.replaceAll(/-?\d+\.\d+/g, (number) => String(Number(Number(number).toFixed(1))));
}
