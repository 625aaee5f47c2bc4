/** A progress bar on a terminal; elsewhere one plain line when the work is done. */

export function progressBar(label, stream = process.stderr) {
  const width = 30;
  return ({ done, total }) => {
    if (!stream.isTTY) {
      if (done === total) stream.write(`${label}: ${done} of ${total}\n`);
      return;
    }
    const full = Math.round((width * done) / Math.max(total, 1));
    stream.write(`\r${'█'.repeat(full)}${'░'.repeat(width - full)} ${label}: ${done} of ${total}${done === total ? '\n' : ''}`);
  };
}
