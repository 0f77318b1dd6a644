import type { ModelProgress } from '../runtime/model.js';
import type { Progress, Ui } from './ui.js';

/** Shows a network being prepared for images of a size: kernel after kernel. */
export function preparing(ui: Ui): (progress: ModelProgress) => void {
  let shown: Progress | undefined;
  return ({ text, done, total }) => {
    shown ??= ui.progress(text, total);
    shown.step();
    if (done < total) return;
    shown.stop();
    shown = undefined;
  };
}
