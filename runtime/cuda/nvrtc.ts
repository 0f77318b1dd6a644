import { cudaAddon, type NativeNvrtc } from './addon.js';
import { findLibrary } from './find_library.js';

const NAMES = ['libnvrtc.so.13', 'libnvrtc.so.12', 'libnvrtc.so.11.2', 'libnvrtc.so'];

/** NVRTC, wherever {@link findLibrary} looks. Undefined if it is not there. */
export function findNvrtc(): Promise<NativeNvrtc | undefined> {
  return findLibrary({ stem: 'libnvrtc', names: NAMES, open: (path) => cudaAddon().nvrtc(path) });
}
