/** What `--help` prints. */

export const help = `everycore: every core for images, arrays and matrices

  everycore info                 what this copy is and runs on
  everycore image <files> ...    resize, blur, convert … many images at once
  everycore bench                native kernels against JavaScript on this machine
  everycore <command> --help     more about one of them
`;

export const infoHelp = `everycore info [--json]

Prints the version, the CPU level in use, how many threads and why that many, the native
binary or why there is none, and the image formats that can be read and written.

  --json       the same as JSON
  --version    the version alone
`;

export const imageHelp = `everycore image <files, folders or globs> [steps] --out <folder>

Steps are done in the order they are written:
  --resize <w>|<w>x<h>|x<h>   scale; a missing side follows from the other
  --fit <fit>                 with both sides: cover (default), contain, inside, outside, fill
  --filter <filter>           nearest, box, bilinear, hamming, bicubic, lanczos3 (default)
  --crop <x,y,w,h>            cut out a part
  --rotate <degrees>          turn clockwise
  --flip, --flop              turn upside down, swap left and right
  --blur <sigma>              Gaussian blur
  --sharpen <percent>         unsharp mask of radius 1
  --grayscale                 one channel of gray

Output:
  --out <folder>              where the files go; it is made
  --format <format>           jpeg, png, webp, avif, tiff, gif, ppm, pgm, pam; default: that of the source
  --quality <1..100>          of jpeg, webp, avif
  --lossless                  of webp, avif

Running:
  --concurrency <n>           images at a time; default: one a core
  --limit-pixels <n>          refuse images with more pixels
  --json                      the result as JSON on standard output
  --dry-run                   say what would be done, and do nothing

Exit code: 0 all done, 1 some failed (they are listed, the others are done), 2 not understood.

  everycore image 'photos/**/*.jpg' --resize 800 --format webp --quality 80 --out thumbs
`;

export const benchHelp = `everycore bench [--json] [--seconds <n>]

Runs kernels of each kind natively on all cores, natively on one thread and in TypeScript,
for about a minute, and prints a table of milliseconds and ratios.

  --seconds <n>   how long in all; default 60
  --json          the table as JSON
`;
