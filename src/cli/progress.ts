/** How far a job is: a bar that stays on its line on a terminal, a line now and then elsewhere. Goes to standard error. */
import type { Progress } from '../pool/options';

const barWidth = 30;
const lineMs = 5000;

export interface Reporter {
  report(progress: Progress): void;
  /** Clears the bar's line. */
  end(): void;
}

export function progressReporter(stream: NodeJS.WriteStream = process.stderr): Reporter {
  return stream.isTTY ? bar(stream) : lines(stream);
}

function bar(stream: NodeJS.WriteStream): Reporter {
  return {
    report({ done, failed, total, etaMs }) {
      const share = total ? (done + failed) / total : 0;
      const full = Math.round(share * barWidth);
      const rest = etaMs === null ? '' : `, ${Math.ceil(etaMs / 1000)} s left`;
      const failures = failed > 0 ? `, ${failed} failed` : '';
      stream.write(`\r\x1b[K${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${done + failed}/${total ?? '?'}${failures}${rest}`);
    },
    end: () => void stream.write('\r\x1b[K'),
  };
}

function lines(stream: NodeJS.WriteStream): Reporter {
  let last = performance.now();
  return {
    report({ done, failed, total }) {
      const now = performance.now();
      if (now - last < lineMs) return;
      last = now;
      stream.write(`${done + failed} of ${total ?? '?'} done${failed > 0 ? `, ${failed} failed` : ''}\n`);
    },
    end: () => undefined,
  };
}
