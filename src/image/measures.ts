/** The kernels that compare two images or measure one in more than a pass, as users call them. */
import { absdiffCall, parseSsim, psnrCall, type SsimOptions, ssimCall } from './compare';
import {
  type Component,
  type ConnectedComponents,
  type ConnectedComponentsOptions,
  connectedComponentsCall,
  parseConnectedComponents,
} from './connected-components';
import { type ImageFactory, type ImageKernel, imageKernel, type TwoImageKernel } from './declare';
import { distanceTransformCall } from './distance-transform';
import { parseNothing } from './histogram';
import type { Image } from './image';
import { type MatchTemplateOptions, matchTemplateCall, parseMatchTemplate } from './match-template';
import { type PerceptualHashOptions, parsePerceptualHash, perceptualHashCall } from './perceptual-hash';

export type { Component, ConnectedComponents };

const family = 'frame';
const dtypes = ['u8'] as const;
const operands = 2;

/** How far apart the samples of two images of one size are, as OpenCV's. */
export const absdiff: ImageFactory<TwoImageKernel, Record<string, never>> = imageKernel({
  ...{ name: 'absdiff', family: 'point', dtypes, operands, parse: parseNothing('absdiff'), call: absdiffCall },
  summary: 'How far apart the samples of two images are.',
});

/** The peak signal-to-noise ratio of two images of one size in decibels; Infinity when they are equal. */
export const psnr: ImageFactory<TwoImageKernel<number>, Record<string, never>> = imageKernel({
  ...{ name: 'psnr', family, dtypes, operands, parse: parseNothing('psnr'), call: psnrCall },
  summary: 'The peak signal-to-noise ratio of two images in decibels.',
});

/**
 * The structural similarity of two images of one size, 1 when they are equal: the mean over the channels and
 * all windows inside the image, which must be as large as a window. Wang, Bovik, Sheikh, Simoncelli: Image
 * quality assessment, 2004.
 */
export const ssim: ImageFactory<TwoImageKernel<number>, SsimOptions> = imageKernel({
  ...{ name: 'ssim', family, dtypes, operands, parse: parseSsim, call: ssimCall },
  summary: 'The structural similarity of two images.',
});

/** 64 bits as 16 hexadecimal digits; pictures that look alike differ in few of them. */
export const perceptualHash: ImageFactory<ImageKernel<string>, PerceptualHashOptions> = imageKernel({
  ...{ name: 'perceptualHash', family, dtypes, parse: parsePerceptualHash, call: perceptualHashCall },
  summary: 'A hash that is alike for pictures that look alike.',
});

/** The distance of each pixel to the nearest zero of an image of one channel, exactly; Infinity when there is none. */
export const distanceTransform: ImageFactory<ImageKernel<Image<Float32Array>>, Record<string, never>> = imageKernel({
  ...{ name: 'distanceTransform', family, dtypes, parse: parseNothing('distanceTransform'), call: distanceTransformCall },
  summary: 'The distance of each pixel to the nearest zero.',
});

/** Which pixels above 0 of an image of one channel touch each other, and where these components lie. */
export const connectedComponents: ImageFactory<ImageKernel<ConnectedComponents>, ConnectedComponentsOptions> = imageKernel({
  ...{ name: 'connectedComponents', family, dtypes, parse: parseConnectedComponents, call: connectedComponentsCall },
  summary: 'Pixels that touch each other, numbered and measured.',
});

/**
 * How well a template fits at each place of an image, as OpenCV's: an image of what remains of width and height,
 * (W − w + 1) × (H − h + 1).
 */
export const matchTemplate: (options: MatchTemplateOptions) => ImageKernel<Image<Float32Array>> = imageKernel({
  ...{ name: 'matchTemplate', family, dtypes, parse: parseMatchTemplate, call: matchTemplateCall },
  summary: 'How well a template fits at each place.',
});
