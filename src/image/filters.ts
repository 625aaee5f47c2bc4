/** The kernels that look at a window, as users call them. */
import { type BilateralOptions, bilateralCall, parseBilateral } from './bilateral';
import {
  type AdaptiveThresholdOptions,
  adaptiveThresholdCall,
  type BoxBlurOptions,
  boxBlurCall,
  parseAdaptiveThreshold,
  parseBoxBlur,
} from './box-blur';
import {
  type ConvolveOptions,
  type ConvolveSeparableOptions,
  convolveCall,
  convolveSeparableCall,
  parseConvolve,
  parseConvolveSeparable,
  parseSharpen,
  sharpenCall,
} from './convolve';
import { type ImageFactory, type ImageKernel, imageKernel, type SamePixelsKernel } from './declare';
import {
  type LaplacianOptions,
  laplacianCall,
  parseLaplacian,
  parseScharr,
  parseSobel,
  parseSobelMagnitude,
  type ScharrOptions,
  type SobelMagnitudeOptions,
  type SobelOptions,
  scharrCall,
  sobelCall,
  sobelMagnitudeCall,
} from './derivatives';
import type { Image, Pixels } from './image';
import { type MedianBlurOptions, medianBlurCall, parseMedianBlur } from './median-blur';
import { type ErodeOptions, type MorphologyOptions, morphologyCall, parseDilate, parseErode, parseMorphology } from './morphology';
import { parseUnsharp, type UnsharpOptions, unsharpCall } from './unsharp';

const family = 'window';
const dtypes = ['u8'] as const;
const every = ['u8', 'u16', 'f32'] as const;

/** The mean of a square window, as OpenCV's blur. */
export const boxBlur: ImageFactory<SamePixelsKernel, BoxBlurOptions> = imageKernel({
  ...{ name: 'boxBlur', family, dtypes: every, parse: parseBoxBlur, call: boxBlurCall },
  summary: 'The mean of a square window.',
});

/** Correlation with a window of weights, as OpenCV's filter2D: Σ / divisor + offset, whole numbers rounded half to even and saturated. */
export const convolve: ImageFactory<SamePixelsKernel, ConvolveOptions> = imageKernel({
  ...{ name: 'convolve', family, dtypes: every, parse: parseConvolve, call: convolveCall },
  summary: 'Correlation with a window of weights.',
});

/** Correlation with weights along the rows, then down the columns, rounded once, as OpenCV's sepFilter2D. */
export const convolveSeparable: ImageFactory<SamePixelsKernel, ConvolveSeparableOptions> = imageKernel({
  ...{ name: 'convolveSeparable', family, dtypes: every, parse: parseConvolveSeparable, call: convolveSeparableCall },
  summary: 'Correlation with weights along the rows, then down the columns.',
});

/** Sharpens with the window -2 around 32, in sixteenths. */
export const sharpen: ImageFactory<SamePixelsKernel, Record<string, never>> = imageKernel({
  ...{ name: 'sharpen', family, dtypes: every, parse: parseSharpen, call: sharpenCall },
  summary: 'The image sharpened by a 3×3 window.',
});

/** Pillow's UnsharpMask, bit by bit. */
export const unsharp: ImageFactory<ImageKernel, UnsharpOptions> = imageKernel({
  ...{ name: 'unsharp', family: 'frame', dtypes, parse: parseUnsharp, call: unsharpCall },
  summary: 'The image sharpened by what it differs from its blur, as Pillow.',
});

/** The median of a square window, as OpenCV's medianBlur, bit by bit. */
export const medianBlur: ImageFactory<ImageKernel, MedianBlurOptions> = imageKernel({
  ...{ name: 'medianBlur', family, dtypes, parse: parseMedianBlur, call: medianBlurCall },
  summary: 'The median of a square window.',
});

/** A mean of the pixels near by and of like colour, which keeps edges; within 1 of OpenCV's bilateralFilter. */
export const bilateral: (options: BilateralOptions) => ImageKernel = imageKernel({
  ...{ name: 'bilateral', family, dtypes, parse: parseBilateral, call: bilateralCall },
  summary: 'A mean of the pixels near by and of like colour.',
});

/** A derivative by Sobel's windows, as OpenCV's: an Image of Int16Array, Float32Array or Uint8Array. */
export const sobel: ImageFactory<ImageKernel<Image<Pixels>>, SobelOptions> = imageKernel({
  ...{ name: 'sobel', family, dtypes: every, parse: parseSobel, call: sobelCall },
  summary: "A derivative by Sobel's windows.",
});

/** A derivative by Scharr's 3×3 windows, as OpenCV's. */
export const scharr: ImageFactory<ImageKernel<Image<Pixels>>, ScharrOptions> = imageKernel({
  ...{ name: 'scharr', family, dtypes: every, parse: parseScharr, call: scharrCall },
  summary: "A derivative by Scharr's windows.",
});

/** The sum of both second derivatives, as OpenCV's. */
export const laplacian: ImageFactory<ImageKernel<Image<Pixels>>, LaplacianOptions> = imageKernel({
  ...{ name: 'laplacian', family, dtypes: every, parse: parseLaplacian, call: laplacianCall },
  summary: 'The sum of both second derivatives.',
});

/** The length of the gradient, sqrt(gx² + gy²), by Sobel's 3×3 windows. */
export const sobelMagnitude: ImageFactory<ImageKernel<Image<Pixels>>, SobelMagnitudeOptions> = imageKernel({
  ...{ name: 'sobelMagnitude', family, dtypes, parse: parseSobelMagnitude, call: sobelMagnitudeCall },
  summary: 'The length of the gradient.',
});

/** The lowest pixel of a window, as OpenCV's. */
export const erode: ImageFactory<ImageKernel, ErodeOptions> = imageKernel({
  ...{ name: 'erode', family, dtypes, parse: parseErode, call: morphologyCall },
  summary: 'The lowest pixel of a window.',
});

/** The highest pixel of a window, as OpenCV's. */
export const dilate: ImageFactory<ImageKernel, ErodeOptions> = imageKernel({
  ...{ name: 'dilate', family, dtypes, parse: parseDilate, call: morphologyCall },
  summary: 'The highest pixel of a window.',
});

/** Opening, closing, gradient, top hat and black hat, as OpenCV's morphologyEx. */
export const morphology: ImageFactory<ImageKernel, MorphologyOptions> = imageKernel({
  ...{ name: 'morphology', family, dtypes, parse: parseMorphology, call: morphologyCall },
  summary: 'Opening, closing, gradient, top hat or black hat.',
});

/** 255 where a pixel is above the mean of its window less `c`, else 0, as OpenCV's. One channel. */
export const adaptiveThreshold: ImageFactory<ImageKernel, AdaptiveThresholdOptions> = imageKernel({
  ...{ name: 'adaptiveThreshold', family, dtypes, parse: parseAdaptiveThreshold, call: adaptiveThresholdCall },
  summary: 'White where a pixel is above the mean of its window less a number.',
});
