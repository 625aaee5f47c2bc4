/** The same work in plain JavaScript: as one writes it at first, and as fast as it can be made. */

export const naive = {
  square: (list) => list.map((x) => x * x),
  add: (a, b) => a.map((x, i) => x + b[i]),
  sum: (list) => list.reduce((total, x) => total + x, 0),
};

export const best = {
  square(x, out) {
    for (let i = 0; i < x.length; i++) out[i] = x[i] * x[i];
    return out;
  },
  add(a, b, out) {
    for (let i = 0; i < a.length; i++) out[i] = a[i] + b[i];
    return out;
  },
  /** Four sums side by side, so that one addition need not wait for the other. */
  sum(x) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let i = 0;
    for (; i + 4 <= x.length; i += 4) {
      a += x[i];
      b += x[i + 1];
      c += x[i + 2];
      d += x[i + 3];
    }
    for (; i < x.length; i++) a += x[i];
    return a + b + (c + d);
  },
};
