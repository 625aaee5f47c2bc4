/** Image kernels on a photograph of 12 megapixels against plain JavaScript, OpenCV, Pillow and sharp. */
import { gaussianBlur, grayscale, Image, resize } from 'everycore/image';
import { best } from '../baselines/image.mjs';
import { here } from '../harness.mjs';

export const title = 'Image kernels on 4000×3000 RGB';

export async function* cases({ pool, threads, python, peer }) {
  const all = `native, ${threads} threads`;
  const image = await photograph();
  const cv = await python(['numpy', 'cv2'], 1);
  const pillow = await python(['numpy', 'PIL.Image'], 1);
  const sharp = (await peer('sharp'))?.default;
  sharp?.concurrency(1);
  const raw = { raw: { width: image.width, height: image.height, channels: 3 } };
  const cvSetup = `x = np.random.randint(0, 256, (${image.height}, ${image.width}, 3), np.uint8); x = cv2.blur(x, (9, 9))`;
  const both = (kernel) => ({ 'native, 1 thread': here(() => kernel(image)), [all]: here(() => pool.apply(kernel, [image])) });
  const options = { seconds: 4, roundsMin: 5 };

  const lanczos = resize({ width: 1000, height: 750, fit: 'fill' });
  yield {
    name: 'resize lanczos3 → 1000×750',
    contenders: {
      'best JS': here(() => best.resize(image, 1000, 750)),
      Pillow: await pillow?.contender(
        `x = PIL.Image.fromarray(np.random.randint(0, 256, (${image.height}, ${image.width}, 3), np.uint8))`,
        'x.resize((1000, 750), PIL.Image.LANCZOS)',
      ),
      sharp: sharp ? here(() => sharp(image.data, raw).resize(1000, 750, { fit: 'fill' }).raw().toBuffer()) : null,
      ...both(lanczos),
    },
    goals: [
      ['Pillow', 'native, 1 thread', 9],
      ['sharp', 'native, 1 thread', 2.5],
      ['native, 1 thread', all, 1.8],
    ],
    options,
  };
  for (const [sigma, wanted] of [
    [2, 1.3],
    [5, 1.5],
    [10, 2],
  ]) {
    yield {
      name: `gaussianBlur σ = ${sigma}`,
      contenders: {
        'best JS': here(() => best.gaussianBlur(image, sigma)),
        OpenCV: await cv?.contender(cvSetup, `cv2.GaussianBlur(x, (0, 0), ${sigma})`),
        ...both(gaussianBlur({ sigma })),
      },
      goals: [
        ['OpenCV', 'native, 1 thread', wanted],
        ['native, 1 thread', all, 1.8],
      ],
      options,
    };
  }
  yield {
    name: 'grayscale',
    contenders: {
      'best JS': here(() => best.grayscale(image)),
      OpenCV: await cv?.contender(cvSetup, 'cv2.cvtColor(x, cv2.COLOR_RGB2GRAY)'),
      ...both(grayscale()),
    },
    goals: [['OpenCV', 'native, 1 thread', 0.9]],
    options,
  };
}

/** A photograph of the examples, enlarged: real structure matters to some kernels. */
async function photograph() {
  const photo = await Image.open(new URL('../../examples/photos/coffee.png', import.meta.url));
  return resize({ width: 4000, height: 3000, fit: 'fill', filter: 'bicubic' })(photo);
}
