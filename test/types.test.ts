/** Types that must and must not compile, as a user's project sees them: strict, libraries checked, no DOM. */
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { root } from './run-program';

const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'],
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  types: ['node'],
};

function errorsOf(file: string): { line: number; text: string }[] {
  const program = ts.createProgram([join(root, file)], options);
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => ({
    line: diagnostic.file ? diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line + 1 : 0,
    text: `${diagnostic.file?.fileName.slice(root.length)}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`,
  }));
}

describe('types', () => {
  test('what must compile does', () => {
    expect(errorsOf('test/types/accepts.ts')).toEqual([]);
  }, 120_000);

  test('what must not compile does not', () => {
    const file = 'test/types/refuses.ts';
    const lines = (ts.sys.readFile(join(root, file)) ?? '').split('\n');
    const marked = lines.flatMap((line, i) => (line.endsWith('// refused') ? [i + 1] : []));
    const refused = [...new Set(errorsOf(file).map(({ line }) => line))].sort((a, b) => a - b);
    expect(refused).toEqual(marked);
  }, 120_000);
});
