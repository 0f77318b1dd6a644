import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { type Decoders, openDecoders } from '../../../runtime/image/decoders.js';
import { ImageError } from '../../../runtime/image/errors.js';
import { loadImage } from '../../../runtime/image/load_image.js';
import { compiled } from '../../support/compiled.js';

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/images/${name}`, import.meta.url));
const script = new URL(compiled('runtime/image/decoder_thread.js'));

function opened(count: number): Decoders {
  const decoders = openDecoders(count, { side: 32 }, script);
  onTestFinished(() => decoders.close());
  return decoders;
}

it('loads images as one would here, more of them than there are threads', async () => {
  const decoders = opened(2);
  const names = ['wide.png', 'tall.png', 'grey.png', 'cmyk.jpg', 'small.png', 'wide.png'];
  const loaded = await Promise.all(names.map((name) => decoders.load(fixture(name))));
  for (const [i, name] of names.entries())
    expect(loaded[i]).toEqual(await loadImage(fixture(name), { side: 32 }));
});

it('goes on after an image that cannot be read', async () => {
  const decoders = opened(1);
  const none = decoders.load(fixture('none.png'));
  const wide = decoders.load(fixture('wide.png'));
  await expect(none).rejects.toBeInstanceOf(ImageError);
  await expect(none).rejects.toMatchObject({ code: 'image-unreadable', value: fixture('none.png') });
  expect(await wide).toHaveLength(3 * 32 * 32);
});

it('tells whoever waits that a thread has ended, and whoever comes later', async () => {
  const decoders = openDecoders(1, { side: 32 }, script);
  const first = decoders.load(fixture('wide.png'));
  const second = decoders.load(fixture('wide.png'));
  const failed = Promise.allSettled([first, second]);
  await decoders.close();
  for (const result of await failed) expect(result).toMatchObject({ status: 'rejected' });
  await expect(decoders.load(fixture('wide.png'))).rejects.toThrow('has ended');
});

it('tells of a script that does not start', async () => {
  const decoders = openDecoders(1, { side: 32 }, new URL('none.js', script));
  await expect(decoders.load(fixture('wide.png'))).rejects.toThrow(/Cannot find module|has ended/);
});
