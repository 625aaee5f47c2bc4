/**
 * Words and punctuation of a piece of JavaScript: enough to tell code from comments, strings, templates and regular
 * expressions. What names mean is asked of V8 (free-variables.ts), not worked out here.
 */

export type TokenType = 'word' | 'private' | 'number' | 'string' | 'template' | 'regex' | 'punctuation';

export interface Token {
  readonly type: TokenType;
  readonly text: string;
  readonly start: number;
}

const SKIP = /(?:[\s\uFEFF]+|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/)+/y;
const WORD = /#?(?:[\p{ID_Start}$_]|\\u[\da-fA-F]{4}|\\u\{[\da-fA-F]+\})(?:[\p{ID_Continue}$\u200c\u200d]|\\u[\da-fA-F]{4}|\\u\{[\da-fA-F]+\})*/uy;
const NUMBER = /(?:0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)n?/y;
const STRING = /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;
const TEMPLATE = /[^`\\$]*(?:(?:\\[\s\S]|\$(?!\{))[^`\\$]*)*(?:`|\$\{)/y;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[\p{ID_Continue}$]*/uy;
const PUNCTUATION =
  />>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)|\+\+|--|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|<<|>>|\*\*|[\s\S]/y;

/** After these words an expression begins, so that `/` opens a regular expression. */
const BEFORE_EXPRESSION = new Set('return typeof instanceof in of new delete void throw case do else await yield extends default'.split(' '));
const BEFORE_PARENTHESIS = new Set(['if', 'while', 'for', 'with']);

/** Splits source text into tokens; text that V8 accepts never makes it throw. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  /** For each open bracket: whether an expression may begin after its end. */
  const open: { bracket: string; expressionAfter: boolean }[] = [];
  let expression = true;
  let at = 0;

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const add = (type: TokenType, text: string, expressionNext: boolean): void => {
    tokens.push({ type, text, start: at });
    at += text.length;
    expression = expressionNext;
  };
  const template = (): void => {
    const text = (match(TEMPLATE) as string | undefined) ?? source.slice(at);
    const opens = text.endsWith('${');
    add('template', text, opens);
    if (opens) open.push({ bracket: '`', expressionAfter: false });
  };

  while (at < source.length) {
    at += match(SKIP)?.length ?? 0;
    if (at >= source.length) break;
    const char = source[at];
    const before = tokens[tokens.length - 1];
    const isProperty = before?.text === '.' || before?.text === '?.';
    let text: string | undefined;
    if ((text = match(WORD)) !== undefined) {
      add(text[0] === '#' ? 'private' : 'word', text, !isProperty && BEFORE_EXPRESSION.has(text));
    } else if (/\d/.test(char) || (char === '.' && /\d/.test(source[at + 1] ?? ''))) {
      add('number', match(NUMBER) ?? char, false);
    } else if ((char === '"' || char === "'") && (text = match(STRING)) !== undefined) {
      add('string', text, false);
    } else if (char === '`') {
      at++;
      template();
    } else if (char === '/' && expression && (text = match(REGEX)) !== undefined) {
      add('regex', text, false);
    } else {
      text = match(PUNCTUATION) as string;
      if (text === '(' || text === '[' || text === '{') {
        open.push({ bracket: text, expressionAfter: expressionFollows(text, tokens, expression) });
        add('punctuation', text, true);
      } else if (text === ')' || text === ']' || text === '}') {
        const opened = open.pop();
        add('punctuation', text, opened?.expressionAfter ?? false);
        if (opened?.bracket === '`') template();
      } else {
        const isPostfix = (text === '++' || text === '--') && !expression;
        add('punctuation', text, !isPostfix);
      }
    }
  }
  return tokens;
}

/** Whether `/` after the bracket that closes this one begins a regular expression rather than a division. */
function expressionFollows(bracket: string, tokens: readonly Token[], inExpression: boolean): boolean {
  const before = tokens[tokens.length - 1];
  if (bracket === '(') return before?.type === 'word' && BEFORE_PARENTHESIS.has(before.text) && tokens[tokens.length - 2]?.text !== '.';
  if (bracket === '[') return false;
  // A block is followed by a statement, an object literal by an operator.
  if (before === undefined) return false;
  if (before.text === ')' || before.text === '=>' || before.text === ';' || before.text === '{' || before.text === '}') return true;
  return !inExpression || before.text === 'do' || before.text === 'else';
}

/** The index of the token that closes the bracket at `index`. */
export function closing(tokens: readonly Token[], index: number): number {
  let depth = 0;
  for (let i = index; i < tokens.length; i++) {
    const { type, text } = tokens[i];
    if (type === 'punctuation' && (text === '(' || text === '[' || text === '{')) depth++;
    else if (type === 'template' && text.endsWith('${')) depth++;
    else if (type === 'punctuation' && (text === ')' || text === ']' || text === '}') && --depth === 0) return i;
  }
  return tokens.length;
}
