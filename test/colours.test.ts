/** convertColor: every colour there is, at every CPU level, and a part of them in TypeScript: the same bytes. */
import { expect } from 'vitest';
import { onEveryLevel } from './every-level';

onEveryLevel('colours.mjs', (made) => expect([11, 22]).toContain(made));
