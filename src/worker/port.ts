/** Messages between threads. A short one goes as a string of its bytes: to clone one takes a fraction of what an array of bytes takes. */
import type { TransferListItem } from 'node:worker_threads';
import type { Encoded } from './value-tags';

const longestText = 1 << 14;

interface Port {
  postMessage(value: unknown, transferList?: readonly TransferListItem[]): void;
}

export function post(port: Port, message: Encoded): void {
  const { bytes, attachments, shared } = message;
  if (attachments.length === 0 && shared.length === 0 && bytes.length <= longestText) {
    port.postMessage(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
    return;
  }
  port.postMessage(
    message,
    attachments.map(({ buffer }) => buffer as ArrayBuffer),
  );
}

export function received(value: string | Encoded): Encoded {
  return typeof value === 'string' ? { bytes: Buffer.from(value, 'latin1'), attachments: [], shared: [] } : value;
}
