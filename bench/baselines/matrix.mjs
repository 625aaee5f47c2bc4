/** Matrix products in plain JavaScript, of n × n numbers that lie row by row. */

export const naive = {
  matmul(a, b, n, c = new a.constructor(n * n)) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += a[i * n + k] * b[k * n + j];
        c[i * n + j] = sum;
      }
    }
    return c;
  },
};

export const best = {
  /** B turned round, so that both operands are read in straight lines; four columns at a time. */
  matmul(a, b, n, c = new a.constructor(n * n)) {
    const turned = new b.constructor(n * n);
    for (let k = 0; k < n; k++) for (let j = 0; j < n; j++) turned[j * n + k] = b[k * n + j];
    for (let i = 0; i < n; i++) {
      const row = i * n;
      let j = 0;
      for (; j + 4 <= n; j += 4) {
        const b0 = j * n;
        const b1 = b0 + n;
        const b2 = b1 + n;
        const b3 = b2 + n;
        let s0 = 0;
        let s1 = 0;
        let s2 = 0;
        let s3 = 0;
        for (let k = 0; k < n; k++) {
          const x = a[row + k];
          s0 += x * turned[b0 + k];
          s1 += x * turned[b1 + k];
          s2 += x * turned[b2 + k];
          s3 += x * turned[b3 + k];
        }
        c[row + j] = s0;
        c[row + j + 1] = s1;
        c[row + j + 2] = s2;
        c[row + j + 3] = s3;
      }
      for (; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += a[row + k] * turned[j * n + k];
        c[row + j] = sum;
      }
    }
    return c;
  },
};
