/**
 * How windowed kernels cut an image: into tiles, each of which computes again what its window needs
 * around it. native/kernels/image/tile-inl.h walks the same tiles.
 */

import type { Bands } from '../kernels/call';

export interface Tiling {
  /** Size of a tile in pixels; the last ones of a row or column may be smaller. */
  readonly width: number;
  readonly height: number;
  readonly count: number;
  /** Nanoseconds that a tile takes, roughly. */
  readonly cost: number;
}

/** A tile takes no longer than this, so that cancelling is prompt … */
const tileNsMax = 500_000;
/** … and no shorter: entering one costs a microsecond or two. */
const tileNsMin = 60_000;
/** A small image is cut into about this many all the same, so that every thread gets some. */
const tilesWanted = 32;
/** Nanoseconds that a row of a tile costs whatever its width. Measured on a Zen 4. */
const rowNs = 120;
/** Rows of tiles are multiples of this many pixels, so that vectors are full. */
const widthGrain = 64;

/**
 * @param around Rows that the window needs above and below a tile together; half of the work is done on them again.
 * @param nsPerSample What one channel of one pixel costs.
 * @param rows What a tile has a multiple of: rows that are made at a time.
 */
export function tiling(width: number, height: number, channels: number, around: number, nsPerSample: number, rows = 2): Tiling {
  const allNs = width * height * channels * nsPerSample;
  const tileNs = Math.min(Math.max(allNs / tilesWanted, tileNsMin), tileNsMax);
  const samples = tileNs / nsPerSample;
  // Wide tiles have fewer rows to begin, tall ones fewer rows around them: this width balances the two.
  const wanted = Math.sqrt((2 * rowNs * samples) / (Math.max(around, 1) * nsPerSample)) / channels;
  const tileWidth = evenly(width, wanted, widthGrain);
  const tileHeight = evenly(height, samples / (tileWidth * channels), rows);
  return {
    width: tileWidth,
    height: tileHeight,
    count: Math.ceil(width / tileWidth) * Math.ceil(height / tileHeight),
    cost: (tileWidth * channels * nsPerSample + rowNs) * (tileHeight + around / 2),
  };
}

/** The rows that tiles read. Only the border that repeats the image takes them from its other end. */
export function bandsOf(tiles: Tiling, width: number, around: number, border: string): Bands | undefined {
  return border === 'wrap' ? undefined : { rows: tiles.height, units: Math.ceil(width / tiles.width), around };
}

/** Parts of about the wanted length, a multiple of the grain, of which none is a mere rest. */
function evenly(length: number, wanted: number, grain: number): number {
  const parts = Math.max(1, Math.round(length / wanted));
  return Math.min(length, Math.ceil(length / parts / grain) * grain);
}

/** Bytes of scratch for the given pieces, each rounded up to 64 bytes. `Arena` in C++ hands them out so. */
export function scratchBytes(...pieces: readonly number[]): number {
  return pieces.reduce((sum, bytes) => sum + roundUp(bytes, 64), 0);
}

export function roundUp(count: number, multiple: number): number {
  return Math.ceil(count / multiple) * multiple;
}

/** Samples that rows of tiles are padded to: `sampleGrain` in C++. */
export const sampleGrain = 64;
