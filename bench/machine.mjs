/** Names the machine that figures were measured on. */
import { cpus, release, totalmem } from 'node:os';
import { info } from 'everycore';

export function machine() {
  const { isa, isas, cpuCount, version } = info();
  const lower = isa !== isas.at(-1);
  const level = lower ? `${isa}, where ${isas.at(-1)} would do` : isa;
  const model = cpus()[0].model.replace(/\s+/g, ' ').trim();
  return {
    model,
    /** A lower CPU level than the machine's own was chosen. */
    lower,
    slug: `${model
      .toLowerCase()
      .replace(/\(r\)|\(tm\)|processor|cpu/g, '')
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')}-${cpuCount}cpu-${isa}`,
    line: `${model}, ${cpuCount} CPUs, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}, Node.js ${process.version}, everycore ${version} (${level}), ${new Date().toISOString().slice(0, 10)}`,
  };
}
