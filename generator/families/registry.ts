import { cppSheared } from './cpp_sheared/family.js';
import { cudaDirect } from './cuda_direct/family.js';
import { cudaLanes } from './cuda_lanes/family.js';
import { cudaPacked } from './cuda_packed/family.js';
import { cudaStaged } from './cuda_staged/family.js';
import type { Family } from './family.js';

const FAMILIES = {
  cpp_sheared: cppSheared,
  cuda_direct: cudaDirect,
  cuda_lanes: cudaLanes,
  cuda_packed: cudaPacked,
  cuda_staged: cudaStaged,
} as const satisfies Record<string, Family>;

export type FamilyId = keyof typeof FAMILIES;

export const FAMILY_IDS = Object.keys(FAMILIES) as readonly FamilyId[];

export function family(id: FamilyId): Family {
  return FAMILIES[id];
}
