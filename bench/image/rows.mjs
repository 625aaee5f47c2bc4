/**
 * What the image bench measures, one row a case. `kernel` is ours, or several that follow each other, on
 * the image `of` (default rgb); `peers` say the same in their words. OpenCV's and Pillow's are Python,
 * over `rgb`, `gray`, … (NumPy) and `rgbImage`, … (Pillow); the others are functions of the peer's image.
 * A goal is how many times as long a peer should take as ours on one thread; `threads` says what keeps a
 * second thread from halving the time of ours, 'compute' or 'memory': the suite says what goal that is.
 * Where it is known why a goal is not reached, it is { ratio, why }.
 */
import * as ours from 'everycore/image';
import { best } from '../baselines/image.mjs';

const [compute, memory] = ['compute', 'memory'];
const json = JSON.stringify;

const size = { width: 1000, height: 750, fit: 'fill' };
const mean = [0.485, 0.456, 0.406];
const std = [0.229, 0.224, 0.225];

const resizing = [
  {
    name: 'resize lanczos3 → 1000×750',
    kernel: ours.resize(size),
    peers: {
      js: (image) => best.resize(image, 1000, 750),
      jimp: (image) => image.clone().resize({ w: 1000, h: 750 }),
      imageJs: (image) => image.resize({ width: 1000, height: 750, interpolationType: 'bicubic' }),
      napi: (image) => image.fastResize({ width: 1000, height: 750, filter: 5, fit: 1 }),
      pillow: 'rgbImage.resize((1000, 750), PIL.Image.LANCZOS)',
      sharp: (image) => image.resize(1000, 750, { fit: 'fill' }),
    },
    goals: { Pillow: 9, sharp: 2.5, threads: compute },
  },
  {
    name: 'resize lanczos3 → 1000×750, RGBA',
    of: 'rgba',
    kernel: ours.resize(size),
    peers: { pillow: 'rgbaImage.resize((1000, 750), PIL.Image.LANCZOS)', sharp: (image) => image.resize(1000, 750, { fit: 'fill' }) },
    goals: { sharp: 6, threads: compute },
  },
  {
    name: 'resize bilinear → 1000×750',
    kernel: ours.resize({ ...size, filter: 'bilinear' }),
    peers: { pillow: 'rgbImage.resize((1000, 750), PIL.Image.BILINEAR)' },
    goals: {
      Pillow: 12,
      threads: compute,
    },
  },
  {
    name: 'resize nearest → 1000×750',
    kernel: ours.resize({ ...size, filter: 'nearest' }),
    peers: { pillow: 'rgbImage.resize((1000, 750), PIL.Image.NEAREST)', opencv: 'cv2.resize(rgb, (1000, 750), interpolation=cv2.INTER_NEAREST)' },
  },
  {
    name: 'resize bilinear, toTensor → 3×750×1000',
    kernel: [ours.resize({ ...size, filter: 'bilinear' }), ours.toTensor({ mean, std })],
    peers: {
      pillow: `np.ascontiguousarray(((np.asarray(rgbImage.resize((1000, 750), PIL.Image.BILINEAR), np.float32) / 255 - np.float32(${json(mean)})) / np.float32(${json(std)})).transpose(2, 0, 1))`,
      opencv: 'cv2.dnn.blobFromImage(rgb, 1 / 58, (1000, 750), (124, 116, 104))',
    },
    goals: { Pillow: 8 },
  },
];

const gaussians = [
  [2, { OpenCV: 1.3, 'image-js': 100 }, { imageJs: (image) => image.gaussianBlur({ sigma: 2 }) }],
  [5, { OpenCV: 1.5, jimp: 100 }, { js: (image) => best.gaussianBlur(image, 5), jimp: (image) => image.clone().blur(5) }],
  [10, { OpenCV: 2 }, { pillow: 'rgbImage.filter(PIL.ImageFilter.GaussianBlur(10))' }],
];
const edges = [
  [-1, -1, -1],
  [-1, 9, -1],
  [-1, -1, -1],
];
const fractions = [1, 2, 1].map((a) => [1, 2.5, 1].map((b) => (a * b) / 18));
const binomial = [1, 6, 15, 20, 15, 6, 1].map((a, _, all) => all.map((b) => (a * b) / 4096));

const filters = [
  ...gaussians.map(([sigma, goals, peers]) => ({
    name: `gaussianBlur σ = ${sigma}`,
    kernel: ours.gaussianBlur({ sigma }),
    peers: { ...peers, sharp: (image) => image.blur(sigma), opencv: `cv2.GaussianBlur(rgb, (0, 0), ${sigma}, dst=out)` },
    goals: { ...goals, threads: compute },
  })),
  {
    name: 'gaussianBlur σ = 5, a new result each time',
    fresh: true,
    kernel: ours.gaussianBlur({ sigma: 5 }),
    peers: { opencv: 'cv2.GaussianBlur(rgb, (0, 0), 5)' },
  },
  {
    name: 'boxBlur 21',
    kernel: ours.boxBlur({ size: 21 }),
    peers: { pillow: 'rgbImage.filter(PIL.ImageFilter.BoxBlur(10))', opencv: 'cv2.blur(rgb, (21, 21), dst=out)' },
    goals: { OpenCV: 2, threads: compute },
  },
  ...[
    [3, { OpenCV: 1.2, threads: memory }],
    [5, { OpenCV: 1.2, sharp: 50, threads: compute }],
    [
      15,
      {
        OpenCV: 4,
        threads: compute,
      },
    ],
  ].map(([side, goals]) => ({
    name: `medianBlur ${side}`,
    kernel: ours.medianBlur({ size: side }),
    peers: { sharp: side === 5 && ((image) => image.median(5)), opencv: `cv2.medianBlur(rgb, ${side}, dst=out)` },
    goals,
  })),
  {
    name: 'convolve 3×3',
    kernel: ours.convolve({ kernel: edges }),
    peers: {
      imageJs: (image) => image.directConvolution(edges),
      napi: (image) => image.filter3x3(edges.flat()),
      sharp: (image) => image.convolve({ width: 3, height: 3, kernel: edges.flat(), scale: 1 }),
      opencv: `cv2.filter2D(rgb, -1, np.float32(${json(edges)}), dst=out)`,
    },
    goals: { OpenCV: 1.5, sharp: 10, 'image-js': 25, threads: memory },
  },
  ...[
    ['3×3, fractions', fractions],
    ['7×7', binomial],
  ].map(([what, kernel]) => ({
    name: `convolve ${what}`,
    kernel: ours.convolve({ kernel }),
    peers: { opencv: `cv2.filter2D(rgb, -1, np.float32(${json(kernel)}), dst=out)` },
    goals: { OpenCV: 1.5, threads: compute },
  })),
  {
    name: 'unsharp',
    kernel: ours.unsharp({ radius: 2, percent: 150, threshold: 3 }),
    peers: { pillow: 'rgbImage.filter(PIL.ImageFilter.UnsharpMask(2, 150, 3))', sharp: (image) => image.sharpen({ sigma: 2 }) },
    goals: { sharp: 20, threads: compute },
  },
  {
    name: 'bilateral 9, gray',
    of: 'gray',
    kernel: ours.bilateral({ diameter: 9, sigmaColor: 30, sigmaSpace: 30 }),
    peers: { opencv: 'cv2.bilateralFilter(gray, 9, 30, 30, dst=out)' },
    goals: { OpenCV: 1.3, threads: compute },
  },
  {
    name: 'sobel → i16, gray',
    of: 'gray',
    kernel: ours.sobel({ dx: 1 }),
    peers: { opencv: 'cv2.Sobel(gray, cv2.CV_16S, 1, 0, dst=out)' },
    goals: { OpenCV: 1, threads: memory },
  },
  {
    name: 'canny, gray',
    of: 'gray',
    kernel: ours.canny({ low: 80, high: 160 }),
    peers: { opencv: 'cv2.Canny(gray, 80, 160, edges=out)' },
    goals: { OpenCV: 1.5 },
  },
  ...[
    [3, 0.9],
    [15, 1],
  ].map(([side, goal]) => ({
    name: `dilate ${side}×${side}, gray`,
    of: 'gray',
    kernel: ours.dilate({ size: side }),
    peers: { opencv: `cv2.dilate(gray, np.ones((${side}, ${side}), np.uint8), dst=out)` },
    goals: { OpenCV: goal, threads: memory },
  })),
  {
    name: 'morphology open 5×5, gray',
    of: 'gray',
    kernel: ours.morphology({ op: 'open', size: 5 }),
    peers: { opencv: 'cv2.morphologyEx(gray, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8), dst=out)' },
    goals: { OpenCV: 1, threads: memory },
  },
];

const curve = Uint8Array.from({ length: 256 }, (_, i) => 255 * (i / 255) ** 0.7);

const colorGoals = {
  hsv: {
    ratio: 1.5,
    why: 'missed on AVX2: of a quiet run 9.7 ms against 12.3; 75 % of a profile are the loops in floats, 16 % hues and saturations in the middle between two bytes, computed in doubles',
  },
  lab: 1.5,
  ycbcr: {
    ratio: 1,
    why: 'missed on AVX2: of a quiet run 6.4 ms against 6.2; 87 % of a profile are the loops in floats, 3 % what is computed again in doubles',
  },
};

const points = [
  {
    name: 'grayscale',
    kernel: ours.grayscale(),
    peers: {
      js: best.grayscale,
      jimp: (image) => image.clone().greyscale(),
      imageJs: (image) => image.grey(),
      napi: (image) => image.grayscale(),
      pillow: "rgbImage.convert('L')",
      sharp: (image) => image.greyscale(),
      opencv: 'cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY, dst=out)',
    },
    goals: {
      OpenCV: 0.9,
      'best JS': 4,
      jimp: 100,
      'image-js': 25,
      threads: memory,
    },
  },
  ...[
    ['hsv', 'HSV', memory],
    ['lab', 'LAB', compute],
    ['ycbcr', 'YCrCb', memory],
  ].map(([to, code, threads]) => ({
    name: `convertColor ${to}`,
    kernel: ours.convertColor({ to }),
    peers: { opencv: `cv2.cvtColor(rgb, cv2.COLOR_RGB2${code}, dst=out)` },
    goals: { OpenCV: colorGoals[to], threads },
  })),
  {
    name: 'lut',
    kernel: ours.lut({ table: curve }),
    peers: { pillow: `rgbImage.point(${json([...curve, ...curve, ...curve])})`, opencv: `cv2.LUT(rgb, np.uint8(${json([...curve])}), dst=out)` },
    goals: {
      OpenCV: 2,
      threads: memory,
    },
  },
  {
    name: 'threshold, gray',
    of: 'gray',
    kernel: ours.threshold({ value: 127 }),
    peers: { sharp: (image) => image.threshold(128), opencv: 'cv2.threshold(gray, 127, 255, cv2.THRESH_BINARY, dst=out)[1]' },
    goals: { OpenCV: 0.9, threads: memory },
  },
  {
    name: 'composite over, RGBA',
    of: 'rgba',
    kernel: ({ over }) => ours.composite({ over }),
    peers: {
      pillow: 'PIL.Image.alpha_composite(rgbaImage, overImage)',
      sharp: (image, { over: { data, width, height } }) => image.composite([{ input: data, raw: { width, height, channels: 4 } }]),
    },
    goals: { sharp: 15, threads: memory },
  },
];

const measures = [
  {
    name: 'histogram, gray',
    of: 'gray',
    fresh: true,
    kernel: ours.histogram(),
    peers: { imageJs: (image) => image.histogram(), opencv: 'cv2.calcHist([gray], [0], None, [256], [0, 256])' },
    goals: {
      OpenCV: 1.3,
      'image-js': { ratio: 25, why: 'one counter goes up for every two pixels, a store each: 1.7 ms; a 25th of its time is 0.7 ms' },
      threads: memory,
    },
  },
  {
    name: 'equalize, gray',
    of: 'gray',
    kernel: ours.equalize(),
    peers: { pillow: 'PIL.ImageOps.equalize(grayImage)', opencv: 'cv2.equalizeHist(gray, dst=out)' },
    goals: { OpenCV: 1.3, threads: memory },
  },
  {
    name: 'clahe 8×8, gray',
    of: 'gray',
    kernel: ours.clahe({ clipLimit: 2 }),
    peers: { opencv: 'cv2.createCLAHE(2, (8, 8)).apply(gray, dst=out)' },
    goals: { OpenCV: 1.3, threads: compute },
  },
  {
    name: 'otsu, gray',
    of: 'gray',
    kernel: ours.otsu(),
    peers: { opencv: 'cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU, dst=out)[1]' },
    goals: { OpenCV: 1, threads: memory },
  },
  {
    name: 'adaptiveThreshold 21, gray',
    of: 'gray',
    kernel: ours.adaptiveThreshold({ size: 21, c: 5 }),
    peers: { opencv: 'cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 21, 5, dst=out)' },
    goals: { OpenCV: 1.3, threads: compute },
  },
  {
    name: 'integral, gray',
    of: 'gray',
    fresh: true,
    kernel: ours.integral(),
    peers: { opencv: 'cv2.integral(gray, sdepth=cv2.CV_64F)' },
    goals: {
      OpenCV: {
        ratio: 1,
        why: 'V8 marks its heap, which holds the peers here, for every 64 MB of results: alone in a program the call takes 6.2 ms, of which 2.4 store 96 MB',
      },
      threads: {
        ratio: 1.4,
        why: 'V8 marks meanwhile on the CPU of the second thread: alone in a program a direct call takes 6.2 ms, a pool of one thread 9.8, of two 7.3',
      },
    },
  },
  {
    name: 'connectedComponents',
    of: 'binary',
    fresh: true,
    kernel: ours.connectedComponents(),
    peers: { opencv: 'cv2.connectedComponentsWithStats(binary)' },
    goals: { OpenCV: 1 },
  },
  {
    name: 'distanceTransform',
    of: 'binary',
    kernel: ours.distanceTransform(),
    peers: { opencv: 'cv2.distanceTransform(binary, cv2.DIST_L2, 0)', scipy: 'scipy.ndimage.distance_transform_edt(binary)' },
    goals: { SciPy: 5 },
  },
];

const turn = [0.98, -0.17, 120, 0.17, 0.98, -80];
const lean = [1.02, 0.03, 10, -0.02, 0.98, 20, 1e-5, 2e-5, 1];

const moves = [
  ...[
    ['affine', turn, 'warpAffine', '2, 3'],
    ['perspective', lean, 'warpPerspective', '3, 3'],
  ].map(([name, matrix, function_, shape]) => ({
    name: `${name}, bilinear`,
    kernel: ours[name]({ matrix, border: 'constant' }),
    peers: {
      opencv: `cv2.${function_}(rgb, np.float64(${json(matrix)}).reshape(${shape}), (4000, 3000), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, dst=out)`,
    },
    goals: { OpenCV: 1.3, threads: compute },
  })),
  {
    name: 'rotate90',
    kernel: ours.rotate90(),
    peers: {
      imageJs: (image) => image.rotate(90),
      pillow: 'rgbImage.transpose(PIL.Image.ROTATE_270)',
      sharp: (image) => image.rotate(90),
      opencv: 'cv2.rotate(rgb, cv2.ROTATE_90_CLOCKWISE, dst=out)',
    },
    goals: {
      OpenCV: 2.5,
      'image-js': {
        ratio: 25,
        why: 'turned in squares, whose rows lie apart on both sides: 72 MB at 11 GB/s, where rows that stay rows (flip) move at 30',
      },
      threads: memory,
    },
  },
  {
    name: 'flip',
    kernel: ours.flip(),
    peers: { sharp: (image) => image.flip(), opencv: 'cv2.flip(rgb, 0, dst=out)' },
    goals: { OpenCV: 1, threads: memory },
  },
  {
    name: 'flop',
    kernel: ours.flop(),
    peers: {
      jimp: (image) => image.flip({ horizontal: true }),
      imageJs: (image) => image.flip(),
      sharp: (image) => image.flop(),
      opencv: 'cv2.flip(rgb, 1, dst=out)',
    },
    goals: {
      OpenCV: 1.5,
      jimp: 100,
      'image-js': { ratio: 25, why: 'memory speed: of 36 MB a plain copy took 1.3 to 1.6 ms, this at best 2.1; a 25th of its time is 2.3' },
      threads: memory,
    },
  },
];

export const rows = [...resizing, ...filters, ...points, ...measures, ...moves];
