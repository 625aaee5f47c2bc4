/** Names the machine that figures were measured on. */
import { cpus, release, totalmem } from 'node:os';
import { info } from 'everycore';

export function machine() {
  const { isa, cpuCount, version } = info();
  const model = cpus()[0].model.replace(/\s+/g, ' ').trim();
  return {
    model,
    slug: `${model
      .toLowerCase()
      .replace(/\(r\)|\(tm\)|processor|cpu/g, '')
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')}-${cpuCount}cpu-${isa}`,
    line: `${model}, ${cpuCount} CPUs, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}, Node.js ${process.version}, everycore ${version} (${isa}), ${new Date().toISOString().slice(0, 10)}`,
  };
}
