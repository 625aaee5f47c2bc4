/** The kernels that measure or need a whole frame, as users call them. */
import { type CannyOptions, cannyCall, parseCanny } from './canny';
import { type ClaheOptions, claheCall, parseClahe } from './clahe';
import { type ImageFactory, type ImageKernel, imageKernel } from './declare';
import { histogramCall, type Integral, integralCall, parseNothing } from './histogram';
import { type ChannelStats, statsCall } from './stats';
import { type AutocontrastOptions, type EqualizeOptions, parseAutocontrast, parseEqualize, parseOtsu, toneCall } from './tone';

export type { ChannelStats, Integral };

const family = 'frame';
const dtypes = ['u8'] as const;

/** The image of one channel thresholded where Otsu's method separates it best, as OpenCV's. */
export const otsu: ImageFactory<ImageKernel, Record<string, never>> = imageKernel({
  ...{ name: 'otsu', family, dtypes, parse: parseOtsu, call: toneCall },
  summary: "White above the threshold that Otsu's method finds.",
});

/** Values spread so that all occur about equally often, as OpenCV's or Pillow's. */
export const equalize: ImageFactory<ImageKernel, EqualizeOptions> = imageKernel({
  ...{ name: 'equalize', family, dtypes, parse: parseEqualize, call: toneCall },
  summary: 'Values spread so that all occur about equally often.',
});

/** The darkest value of each channel becomes 0, the brightest 255, as Pillow's. */
export const autocontrast: ImageFactory<ImageKernel, AutocontrastOptions> = imageKernel({
  ...{ name: 'autocontrast', family, dtypes, parse: parseAutocontrast, call: toneCall },
  summary: 'Values stretched over the whole range.',
});

/** Contrast limited adaptive histogram equalization of one channel, as OpenCV's. */
export const clahe: ImageFactory<ImageKernel, ClaheOptions> = imageKernel({
  ...{ name: 'clahe', family, dtypes, parse: parseClahe, call: claheCall },
  summary: 'Contrast limited adaptive histogram equalization.',
});

/** How often each value occurs: one Uint32Array(256) a channel. */
export const histogram: ImageFactory<ImageKernel<Uint32Array[]>, Record<string, never>> = imageKernel({
  ...{ name: 'histogram', family, dtypes, parse: parseNothing('histogram'), call: histogramCall },
  summary: 'How often each value occurs, by channel.',
});

/** Mean, standard deviation (of the population), minimum and maximum of each channel. */
export const stats: ImageFactory<ImageKernel<ChannelStats[]>, Record<string, never>> = imageKernel({
  ...{ name: 'stats', family, dtypes: ['u8', 'u16', 'f32'], parse: parseNothing('stats'), call: statsCall },
  summary: 'Mean, standard deviation, minimum and maximum by channel.',
});

/** Sums of all pixels above and left, with a first row and column of zeros, as OpenCV's. */
export const integral: ImageFactory<ImageKernel<Integral>, Record<string, never>> = imageKernel({
  ...{ name: 'integral', family, dtypes, parse: parseNothing('integral'), call: integralCall },
  summary: 'Sums of all pixels above and left.',
});

/** Edges of one channel: white, one pixel wide. As OpenCV's. */
export const canny: ImageFactory<ImageKernel, CannyOptions> = imageKernel({
  ...{ name: 'canny', family, dtypes, parse: parseCanny, call: cannyCall },
  summary: "Edges, by Canny's method.",
});
