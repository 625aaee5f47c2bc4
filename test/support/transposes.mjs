/**
 * Transposes of all dtypes, odd sizes and kinds of views, into memory of all kinds, checked element by element,
 * with guards around. Run by the tests once per CPU level, in a process of its own: prints what it found wrong,
 * and how many it made.
 */
import { Matrix, transpose } from 'everycore/matrix';

const dtypes = ['u8', 'i16', 'i32', 'f32', 'f64', 'i64'];
const sizes = [
  [1, 1],
  [1, 70],
  [5, 3],
  [8, 8],
  [16, 16],
  [17, 64],
  [33, 65],
  [64, 64],
  [64, 31],
  [67, 129],
  [200, 66],
];
const kinds = ['rows', 'columns', 'slice', 'strided', 'backwards'];
const guard = 77;

/** A matrix of zeros in memory that lies as `kind` says, between elements that are `guard`. */
function placed(rows, cols, kind, dtype) {
  const size = (rows + 3) * (cols + 5) * 6;
  const data = Matrix.zeros(1, size, dtype).data.fill(dtype === 'i64' ? BigInt(guard) : guard);
  const lie = {
    rows: [8, cols, 1],
    columns: [3, 1, rows],
    slice: [7, cols + 5, 1],
    strided: [1, 6 * cols, 3],
    backwards: [rows * cols, -cols, -1],
  };
  return new Matrix(data, rows, cols, ...lie[kind]);
}

function elements(a, visit) {
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.cols; j++) visit(i, j);
}

const wrong = [];
let made = 0;
for (const dtype of dtypes) {
  const number = (x) => (dtype === 'i64' ? BigInt(x) : x);
  for (const [rows, cols] of sizes) {
    for (const kind of kinds) {
      const a = placed(rows, cols, kind, dtype);
      elements(a, (i, j) => a.set(i, j, number((i * 31 + j * 7) % 120)));
      for (const outKind of [undefined, ...kinds]) {
        const out = outKind && placed(cols, rows, outKind, dtype);
        const answer = transpose(a, out ? { out } : undefined);
        made++;
        let same = out === undefined || answer === out;
        elements(a, (i, j) => {
          same &&= answer.get(j, i) === a.get(i, j);
        });
        // Everything that is not an element of `out` is as it was.
        if (out) elements(out, (i, j) => out.set(i, j, number(guard)));
        same &&= out === undefined || out.data.every((x) => x === number(guard));
        if (!same) wrong.push(`${dtype} ${rows}×${cols} ${kind} into ${outKind}`);
      }
    }
  }
}
console.log(JSON.stringify({ made, wrong: wrong.slice(0, 20) }));
