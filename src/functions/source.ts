/**
 * The text of a function, turned into an expression that makes the same function again, and what can be read off the
 * text: its kind, the words in it, and what it assigns to.
 */
import { Obstacle } from './obstacle';
import { closing, type Token, tokenize } from './tokens';

export interface FunctionSource {
  readonly kind: 'function' | 'arrow' | 'method' | 'class';
  /** An expression; as long as the original text up to the first difference in line or column, where that can be. */
  readonly expression: string;
  /** Characters of the expression before the original text begins. */
  readonly prefix: number;
  /** Characters of the original text before the point that V8 gives as its position (the parameters). */
  readonly headLength: number;
  /** Identifiers outside strings and comments, and the words within strings: what a member may be asked for by. */
  readonly words: ReadonlySet<string>;
  /** Identifiers that may be assigned to: a superset. */
  readonly assigned: ReadonlySet<string>;
  /** For arrow functions and methods: whether `this` is used outside the functions in them. */
  readonly usesThis: boolean;
  readonly usesSuper: boolean;
  readonly usesEval: boolean;
  /** Has private names (`#x`): its instances hold what nobody else can read. */
  readonly usesPrivate: boolean;
  /** Has "use strict" at its beginning, or is strict by its kind. */
  readonly plain: boolean;
}

/** Stand-ins for what is syntax of a module; as long as what they replace, so that columns stay. */
export const IMPORT_META = '$importMeta';
export const DYNAMIC_IMPORT = '$mport';

const known = new Map<string, FunctionSource>();
const KNOWN_LIMIT = 2000;

/** @throws Obstacle for text that is not JavaScript (native and bound functions). */
export function sourceOf(fn: Function): FunctionSource {
  const text = Function.prototype.toString.call(fn);
  let source = known.get(text);
  if (source === undefined) {
    if (known.size >= KNOWN_LIMIT) known.clear();
    known.set(text, (source = analyse(text)));
  }
  return source;
}

/** True for functions without JavaScript text: those of the engine, of addons, and bound ones. */
export function isNativeFunction(fn: Function): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(fn));
}

function analyse(text: string): FunctionSource {
  const tokens = tokenize(text);
  const kind = kindOf(tokens);
  const edits: Edit[] = moduleSyntax(tokens);
  const parameters = parametersAt(tokens, kind);
  let before = '';
  let after = '';
  if (kind === 'method') {
    const name = methodHead(tokens, edits);
    before = '{';
    after = `}.${name}`;
  }
  const expression = before + edited(text, edits) + after;
  const has = (type: Token['type'], word: string): boolean => tokens.some((token) => token.type === type && token.text === word);
  return {
    kind,
    expression,
    prefix: before.length,
    headLength: tokens[parameters]?.start ?? 0,
    words: wordsOf(tokens),
    assigned: assignedNames(tokens),
    usesThis: kind === 'method' || kind === 'arrow' ? usesOwnThis(text, tokens, kind, edits) : false,
    usesSuper: kind !== 'class' && has('word', 'super'),
    usesEval: has('word', 'eval'),
    usesPrivate: tokens.some((token) => token.type === 'private'),
    plain: kind === 'function' && tokens[0].text === 'function' && tokens[1]?.text !== '*',
  };
}

function kindOf(tokens: readonly Token[]): FunctionSource['kind'] {
  const text = (index: number): string | undefined => tokens[index]?.text;
  if (text(0) === 'class') return 'class';
  if (text(0) === 'function' || (text(0) === 'async' && text(1) === 'function')) return 'function';
  if (text(0) === '(' || text(1) === '=>') return 'arrow';
  if (text(0) === 'async' && text(2) === '=>') return 'arrow';
  if (text(0) === 'async' && text(1) === '(') return text(closing(tokens, 1) + 1) === '=>' ? 'arrow' : 'method';
  return 'method';
}

/** The token at the position that V8 gives for the function. */
function parametersAt(tokens: readonly Token[], kind: FunctionSource['kind']): number {
  if (kind === 'arrow') return 0;
  if (kind === 'class') {
    const at = tokens.findIndex((token, i) => token.text === 'constructor' && token.type === 'word' && tokens[i + 1]?.text === '(');
    return at < 0 ? 0 : at + 1;
  }
  return kind === 'method' ? methodName(tokens).end : tokens.findIndex((token) => token.text === '(');
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

function edited(text: string, edits: readonly Edit[]): string {
  let out = '';
  let at = 0;
  for (const { start, end, by } of [...edits].sort((a, b) => a.start - b.start)) {
    out += text.slice(at, start) + by;
    at = end;
  }
  return out + text.slice(at);
}

/** `import.meta` and `import()` are syntax of a file; the copy gets them as variables. */
function moduleSyntax(tokens: readonly Token[]): Edit[] {
  return tokens.flatMap(({ type, text, start }, i): Edit[] => {
    if (type !== 'word' || text !== 'import' || tokens[i - 1]?.text === '.') return [];
    if (tokens[i + 1]?.text === '(') return [{ start, end: start + text.length, by: DYNAMIC_IMPORT }];
    if (tokens[i + 1]?.text === '.' && tokens[i + 2]?.text === 'meta') return [{ start, end: tokens[i + 2].start + 4, by: IMPORT_META }];
    return [];
  });
}

/** Where the name of a method is among its tokens: [start, end). */
function methodName(tokens: readonly Token[]): { start: number; end: number } {
  let start = 0;
  while (start < tokens.length) {
    const { text } = tokens[start];
    const next = tokens[start + 1]?.text;
    const isModifier = text === '*' || (['get', 'set', 'async', 'static'].includes(text) && next !== '(');
    if (!isModifier) break;
    start++;
  }
  return { start, end: tokens[start]?.text === '[' ? closing(tokens, start) + 1 : start + 1 };
}

/** Makes a getter or setter an ordinary method, and gives a plain name to one that has another; answers the name. */
function methodHead(tokens: readonly Token[], edits: Edit[]): string {
  const { start, end } = methodName(tokens);
  for (const { text, start: at } of tokens.slice(0, start)) {
    if (text === 'get' || text === 'set' || text === 'static') edits.push({ start: at, end: at + text.length, by: ' '.repeat(text.length) });
  }
  const first = tokens[start];
  if (first === undefined || tokens[end] === undefined) throw new Obstacle('its source text is not that of a function');
  if (first.type === 'word') return first.text;
  const last = tokens[end - 1];
  edits.push({ start: first.start, end: last.start + last.text.length, by: 'method' });
  return 'method';
}

function wordsOf(tokens: readonly Token[]): Set<string> {
  const words = new Set<string>();
  for (const { type, text } of tokens) {
    if (type === 'word') words.add(text.includes('\\u') ? unescaped(text) : text);
    else if (type === 'string' || type === 'template') for (const word of text.match(/[\p{ID_Continue}$]+/gu) ?? []) words.add(word);
  }
  return words;
}

function unescaped(word: string): string {
  return word.replace(/\\u(?:\{([\da-fA-F]+)\}|([\da-fA-F]{4}))/g, (_, long: string, short: string) =>
    String.fromCodePoint(parseInt(long ?? short, 16)),
  );
}

const ASSIGNMENT = /^(?:=|[-+*/%&|^]=|\*\*=|<<=|>>=|>>>=|&&=|\|\|=|\?\?=|\+\+|--)$/;

/** Every name that may be assigned to; all names where a destructuring assignment or `for (x of …)` may hide some. */
function assignedNames(tokens: readonly Token[]): Set<string> {
  const text = (index: number): string => tokens[index]?.text ?? '';
  const isPattern = tokens.some(
    ({ type }, i) =>
      type === 'punctuation' &&
      (((text(i) === ']' || text(i) === '}') && (text(i + 1) === '=' || text(i + 1) === 'of' || text(i + 1) === 'in')) ||
        (text(i) === '(' && (text(i + 2) === 'of' || text(i + 2) === 'in'))),
  );
  const names = new Set<string>();
  tokens.forEach((token, i) => {
    if (token.type !== 'word' || text(i - 1) === '.') return;
    if (isPattern || ASSIGNMENT.test(text(i + 1)) || text(i - 1) === '++' || text(i - 1) === '--') names.add(token.text);
  });
  return names;
}

/**
 * Whether an arrow function or a method uses `this` itself. `new.target` is visible in the same places as `this`, but is an
 * error outside of functions: so the engine tells.
 */
function usesOwnThis(text: string, tokens: readonly Token[], kind: 'arrow' | 'method', edits: readonly Edit[]): boolean {
  const uses = tokens.filter((token, i) => token.type === 'word' && token.text === 'this' && tokens[i - 1]?.text !== '.');
  if (uses.length === 0) return false;
  const swapped = [...edits, ...uses.map(({ start }) => ({ start, end: start + 4, by: 'new.target' }))];
  if (kind === 'arrow') return !compiles(`(${edited(text, swapped)})`);
  const { start, end } = methodName(tokens);
  // The body of a method becomes that of an arrow function; generators keep their `yield` and count as users.
  if (tokens.slice(0, start).some((token) => token.text === '*')) return true;
  const isAsync = tokens.slice(0, start).some((token) => token.text === 'async');
  const close = closing(tokens, end);
  if (tokens[close + 1] === undefined) return true;
  const arrow = { start: tokens[close].start + 1, end: tokens[close].start + 1, by: '=>' };
  const head = { start: 0, end: tokens[end].start, by: isAsync ? 'async ' : '' };
  const rest = swapped.filter((edit) => edit.start >= head.end);
  return !compiles(`(${edited(text, [head, arrow, ...rest])})`);
}

function compiles(text: string): boolean {
  const { Script } = require('node:vm') as typeof import('node:vm');
  try {
    new Script(text);
    return true;
  } catch {
    return false;
  }
}
