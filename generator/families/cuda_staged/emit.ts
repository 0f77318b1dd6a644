import { weightsOf } from '../../problem.js';
import { type Printable, render } from '../../template.js';
import { bodyFacts, bodyTitle } from '../body_text.js';
import { lineForm } from '../box_text.js';
import { boxTileText } from '../box_tile_text.js';
import type { Body } from '../chunk.js';
import { foldText, plus } from '../cuda_text.js';
import type { Emission } from '../family.js';
import { WARP } from '../multiprocessor.js';
import type { StagedParams, StagedPlan } from './plan.js';
import { teamLines, teamOf } from './team.js';

/** Fills templates/cuda/staged.cu.hbs. */
export function emitStaged(plan: StagedPlan, symbol: string): Emission {
  const { problem, params, bodies, chunks, box } = plan;
  const { channels, height, width } = problem;
  const threads = WARP * params.warps;
  const team = teamOf(params.channels);
  const { firsts, ...fold } = foldText(
    bodies.map(({ program }) => program),
    chunks.map(({ body, from, to }) => ({ from, to, body: bodies.indexOf(body) })),
  );
  const data = {
    symbol,
    channels,
    kernel: weightsOf(problem),
    height,
    width,
    slab: params.channels,
    warps: params.warps,
    team,
    teams: params.warps / team,
    resident: params.resident,
    threads,
    ...box,
    ...fold,
    chunkCount: chunks.length,
    bodies: bodies.map((body, i) => bodyData(body, params, firsts[i]!)),
  };
  return {
    text: render('cuda/staged.cu.hbs', data),
    facts: bodyFacts(bodies),
    launch: {
      kind: 'launch-plan',
      threads,
      blocks: chunks.length,
      images: 1,
      sharedBytes: box.sharedBytes,
      packedFloats: (fold.biasRow + 1) * channels,
      inputMap: {
        kind: 'tensor-map',
        sizes: [channels, width, height],
        box: [params.channels, box.columns, box.rows, 1],
      },
    },
  };
}

function bodyData(body: Body, params: StagedParams, first: string): Printable {
  const { id, program, along: tiles, across } = body;
  const form = lineForm(program, tiles);
  const everywhere = params.places === 0 || tiles === 1;
  const line = (group: string) => {
    const number = `${group} * LINES + group`;
    const rows = program.tile.step[form.minor];
    return rows === 1 ? plus(number, program.origins[form.minor].from) : `(${number}) * ${rows}`;
  };
  return {
    id,
    title: bodyTitle(body),
    first,
    along: tiles,
    ...worker(params),
    groups: Math.ceil(across / teamLines(params.channels)),
    length: program.tile.step[form.major],
    alongStep: form.along.step,
    outAlong: form.along.outStep,
    outAcross: form.across.outStep,
    // Where places have code of their own, all tiles of one come one after the other.
    place: everywhere ? 'task % TILES' : 'task / GROUPS',
    line: line(everywhere ? 'task / TILES' : 'task % GROUPS'),
    everywhere,
    tile: everywhere ? boxTileText(form, tiles === 1 ? 0 : undefined) : {},
    places: everywhere
      ? []
      : Array.from({ length: tiles }, (_, place) => ({
          head: placeHead(place, tiles),
          tile: boxTileText(form, place),
        })),
  };
}

/** What computes tasks, and how many of them a block has. */
function worker({ channels }: StagedParams) {
  return teamOf(channels) > 1 ? { worker: 'team', workers: 'TEAMS' } : { worker: 'warp', workers: 'WARPS' };
}

function placeHead(place: number, tiles: number): string {
  if (place === 0) return 'if (along == 0)';
  return place < tiles - 1 ? `} else if (along == ${place})` : '} else';
}
