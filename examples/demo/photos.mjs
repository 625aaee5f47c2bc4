/** Reads the photographs, and lays them and what became of them out on one sheet. */
import { readdir } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { info } from 'everycore';
import { Image, resize } from 'everycore/image';

/** Every photograph in the folder that this installation can read. */
export async function openPhotos(folder) {
  const readable = new Set(info().codecs.flatMap((format) => (format === 'jpeg' ? ['.jpg', '.jpeg'] : [`.${format}`])));
  const photos = [];
  for (const file of (await readdir(folder)).sort()) {
    const extension = extname(file).toLowerCase();
    if (extension === '.md') continue;
    if (!readable.has(extension)) {
      console.log(`${file} is left out: no codec for ${extension} is installed (npm install sharp)`);
      continue;
    }
    photos.push({ name: basename(file, extname(file)), image: await Image.open(fileURLToPath(new URL(file, folder))) });
  }
  return photos;
}

const cell = { width: 240, height: 170 };
const gap = 10;

/** A row a photograph: as it was, blurred, gray, and small. Each is scaled straight into its place on the sheet. */
export async function contactSheet(pool, photos, results) {
  const columns = 1 + Object.keys(results).length;
  const sheet = Image.alloc(gap + columns * (cell.width + gap), gap + photos.length * (cell.height + gap), 3);
  sheet.data.fill(32);
  const fit = resize({ ...cell, fit: 'contain', background: 32 });
  const pictures = photos.flatMap(({ image }, row) =>
    [image, ...Object.values(results).map((images) => images[row])].map((picture, column) => ({ picture: rgb(picture), row, column })),
  );
  const places = pictures.map(({ row, column }) =>
    sheet.view(gap + column * (cell.width + gap), gap + row * (cell.height + gap), cell.width, cell.height),
  );
  await pool.map(
    fit,
    pictures.map(({ picture }) => picture),
    { out: places },
  );
  return sheet;
}

/** Three equal channels of a gray picture. */
function rgb(image) {
  if (image.channels === 3) return image;
  const { data, width, height, channels } = image;
  const picture = Image.alloc(width, height, 3);
  for (let i = 0; i < width * height; i++) picture.data.fill(data[i * channels], 3 * i, 3 * i + 3);
  return picture;
}
