/** Encoder options in libvips' spelling: sharp's names and defaults on one side, `.jpg[Q=80,…]` on the other. */
import type { EncodeValue } from './encode-options';
import type { ImageFormat } from './format';

type Options = Readonly<Record<string, EncodeValue>>;

/** What a format has unless told otherwise: sharp's defaults, but lossless TIFF. */
const defaults: Readonly<Partial<Record<ImageFormat, Options>>> = {
  jpeg: { quality: 80, optimizeCoding: true },
  png: { compressionLevel: 6, adaptiveFiltering: false },
  webp: { quality: 80, effort: 4 },
  avif: { quality: 50, effort: 4, chromaSubsampling: '4:4:4' },
  tiff: { compression: 'deflate', predictor: 'horizontal', quality: 80 },
  gif: { effort: 7 },
};

/** Options whose names alone differ. */
const names: Readonly<Record<string, string>> = {
  quality: 'Q',
  progressive: 'interlace',
  optimizeCoding: 'optimize_coding',
  trellisQuantisation: 'trellis_quant',
  overshootDeringing: 'overshoot_deringing',
  optimizeScans: 'optimize_scans',
  quantisationTable: 'quant_table',
  compressionLevel: 'compression',
  alphaQuality: 'alpha_q',
  nearLossless: 'near_lossless',
  smartSubsample: 'smart_subsample',
  tileWidth: 'tile_width',
  tileHeight: 'tile_height',
};

const extensions: Readonly<Partial<Record<ImageFormat, string>>> = {
  jpeg: '.jpg',
  png: '.png',
  webp: '.webp',
  avif: '.avif',
  tiff: '.tif',
  gif: '.gif',
};

export function vipsSuffix(format: ImageFormat, given: Options): string {
  const merged: Record<string, EncodeValue> = { ...defaults[format], ...given };
  if (merged.mozjpeg === true) {
    Object.assign(merged, { trellisQuantisation: true, overshootDeringing: true, optimizeScans: true, progressive: true, quantisationTable: 3 });
  }
  delete merged.mozjpeg;
  const words = Object.entries(merged).map(([name, value]) => spelled(name, value));
  if (format === 'avif') words.push('compression=av1');
  words.push('keep=none');
  return `${extensions[format]}[${words.join(',')}]`;
}

function spelled(name: string, value: EncodeValue): string {
  if (name === 'chromaSubsampling') return `subsample_mode=${value === '4:4:4' ? 'off' : 'on'}`;
  if (name === 'adaptiveFiltering') return `filter=${value ? 'all' : 'none'}`;
  if (name === 'colours') return `bitdepth=${Math.ceil(Math.log2(value as number))}`;
  // A list has commas in it, which quotes keep together.
  if (name === 'background') return `background="${(value as readonly number[]).join(' ')}"`;
  return `${names[name] ?? name}=${value}`;
}
