/**
 * The outer names in a function, judged by its words alone: for platforms where the engine cannot be asked. A name counts as the
 * function's own when it is declared anywhere in it.
 */
import { closing, type Token, tokenize } from './tokens';

const KEYWORDS = new Set(
  `arguments async await break case catch class const continue debugger default delete do else enum export extends false finally for from function
  get if implements import in instanceof interface let new null of package private protected public return set static super switch this throw true
  try typeof undefined var void while with yield target meta NaN Infinity`.split(/\s+/),
);

/** Names that are neither declared in the text, nor properties, nor global. */
export function outerNames(source: string): string[] {
  const tokens = tokenize(source);
  const own = declaredNames(tokens);
  const outer = new Set<string>();
  tokens.forEach(({ type, text }, i) => {
    if (type !== 'word' || KEYWORDS.has(text) || own.has(text) || text in globalThis || text.startsWith('$')) return;
    const before = tokens[i - 1]?.text;
    if (before === '.' || before === '?.') return;
    const isKey = tokens[i + 1]?.text === ':' && (before === '{' || before === ',');
    const isLabel = before === 'break' || before === 'continue';
    const isUnderTypeof = before === 'typeof';
    if (!isKey && !isLabel && !isUnderTypeof) outer.add(text);
  });
  return [...outer];
}

function declaredNames(tokens: readonly Token[]): Set<string> {
  const own = new Set<string>();
  const addRange = (start: number, end: number): void => {
    for (let i = start; i < end; i++) if (tokens[i].type === 'word' && tokens[i - 1]?.text !== '.') own.add(tokens[i].text);
  };
  tokens.forEach(({ type, text }, i) => {
    const next = tokens[i + 1];
    if (text === '=>' && tokens[i - 1]?.type === 'word') own.add(tokens[i - 1].text);
    if (text === ':' && tokens[i - 1]?.type === 'word') own.add(tokens[i - 1].text);
    if (type === 'punctuation' && text === '(' && isParameterList(tokens, i)) addRange(i + 1, closing(tokens, i));
    if (type !== 'word' || next === undefined) return;
    if (text === 'function' || text === 'class') own.add(next.text === '*' ? (tokens[i + 2]?.text ?? '') : next.text);
    if (text === 'let' || text === 'const' || text === 'var' || text === ',') {
      if (next.type === 'word') own.add(next.text);
      else if (next.text === '{' || next.text === '[') addRange(i + 2, closing(tokens, i + 1));
    }
    // Methods of objects and classes.
    if (next.text === '(' && tokens[closing(tokens, i + 1) + 1]?.text === '{') own.add(text);
  });
  addFurtherDeclarations(tokens, own);
  return own;
}

/** The second and later names of `let a = 1, b = 2`. */
function addFurtherDeclarations(tokens: readonly Token[], own: Set<string>): void {
  tokens.forEach(({ type, text }, start) => {
    if (type !== 'word' || (text !== 'let' && text !== 'const' && text !== 'var')) return;
    for (let i = start + 1; i < tokens.length; i++) {
      const { text: here } = tokens[i];
      if (here === ';' || here === ')' || here === '}' || here === 'of' || here === 'in') return;
      if (here === '(' || here === '[' || here === '{') i = closing(tokens, i);
      else if (here === ',' && tokens[i + 1]?.type === 'word') own.add(tokens[i + 1].text);
    }
  });
}

function isParameterList(tokens: readonly Token[], open: number): boolean {
  const after = tokens[closing(tokens, open) + 1]?.text;
  return after === '=>' || (after === '{' && !['if', 'while', 'for', 'switch', 'with'].includes(tokens[open - 1]?.text));
}
