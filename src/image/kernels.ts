/** The image kernels: one declaration each. Their meaning stands in the file of their name. */
import { type ImageFactory, type ImageKernel, imageKernel, type SamePixelsKernel } from './declare';
import { type GaussianBlurOptions, gaussianBlurCall, parseGaussianBlur } from './gaussian-blur';
import { type GrayscaleOptions, grayscaleCall, parseGrayscale } from './grayscale';
import { parseResize, type ResizeOptions, resizeCall } from './resize';

export const resize: ImageFactory<SamePixelsKernel, ResizeOptions> = imageKernel({
  name: 'resize',
  family: 'geometry',
  dtypes: ['u8', 'u16', 'f32'],
  summary: 'The image in another size, as Pillow resizes with antialiasing.',
  parse: parseResize,
  call: resizeCall,
});

export const grayscale: ImageFactory<ImageKernel, GrayscaleOptions> = imageKernel({
  name: 'grayscale',
  family: 'point',
  dtypes: ['u8'],
  summary: 'Gray out of red, green and blue; alpha stays.',
  parse: parseGrayscale,
  call: grayscaleCall,
});

export const gaussianBlur: ImageFactory<SamePixelsKernel, GaussianBlurOptions> = imageKernel({
  name: 'gaussianBlur',
  family: 'window',
  dtypes: ['u8', 'u16', 'f32'],
  summary: "A Gaussian blur, bit by bit OpenCV's for bytes.",
  parse: parseGaussianBlur,
  call: gaussianBlurCall,
});
