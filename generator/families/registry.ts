import { cppSheared } from './cpp_sheared/family.js';
import { cppShearedGrad } from './cpp_sheared_grad/family.js';
import { cudaDirect } from './cuda_direct/family.js';
import { cudaDirectGrad } from './cuda_direct_grad/family.js';
import { cudaLanes } from './cuda_lanes/family.js';
import { cudaLineGrad } from './cuda_line_grad/family.js';
import { cudaPacked } from './cuda_packed/family.js';
import { cudaPackedGrad } from './cuda_packed_grad/family.js';
import { cudaRegionGrad } from './cuda_region_grad/family.js';
import { cudaRing } from './cuda_ring/family.js';
import { cudaRingGrad } from './cuda_ring_grad/family.js';
import { cudaStaged } from './cuda_staged/family.js';
import type { Family } from './family.js';

const FAMILIES = {
  cpp_sheared_grad: cppShearedGrad,
  cpp_sheared: cppSheared,
  cuda_direct_grad: cudaDirectGrad,
  cuda_direct: cudaDirect,
  cuda_lanes: cudaLanes,
  cuda_line_grad: cudaLineGrad,
  cuda_packed: cudaPacked,
  cuda_packed_grad: cudaPackedGrad,
  cuda_region_grad: cudaRegionGrad,
  cuda_ring: cudaRing,
  cuda_ring_grad: cudaRingGrad,
  cuda_staged: cudaStaged,
} as const satisfies Record<string, Family>;

export type FamilyId = keyof typeof FAMILIES;

export const FAMILY_IDS = Object.keys(FAMILIES) as readonly FamilyId[];

export function family(id: FamilyId): Family {
  return FAMILIES[id];
}

/** The family of a schedule's name, `<family>_<parameters>`: of `cuda_packed` and `cuda_packed_grad` the longer one. */
export function familyOf(schedule: string): FamilyId | undefined {
  const fitting = FAMILY_IDS.filter((id) => schedule.startsWith(`${id}_`));
  return fitting.toSorted((a, b) => b.length - a.length)[0];
}
