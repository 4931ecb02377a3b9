import ts from 'typescript';

/**
 * The figures of one source file.
 * @typedef {object} FileFigures
 * @property {string} path
 * @property {number} lines that are not blank
 * @property {number} comments lines that begin with a comment
 * @property {number} wide lines over 120 columns
 * @property {number[]} functions lines of each function
 * @property {{ name: string, count: number }[]} constructors with more dependencies than {@link DEPENDENCIES}
 * @property {string[]} undocumented exported declarations without a doc comment
 */

export const COLUMNS = 120;
/** Parameters of a constructor; one with more wants to be two classes. */
export const DEPENDENCIES = 6;

/** @returns {FileFigures} */
export function measureFile(/** @type {string} */ path, /** @type {string} */ text) {
  const lines = text.split('\n');
  /** @type {FileFigures} */
  const figures = {
    path,
    lines: lines.filter((line) => line.trim() !== '').length,
    comments: lines.filter((line) => /^\s*(\/\/|\/\*|\*)/.test(line)).length,
    wide: lines.filter((line) => line.length > COLUMNS).length,
    functions: [],
    constructors: [],
    undocumented: [],
  };
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  for (const statement of source.statements)
    if (isExported(statement) && ts.getJSDocCommentsAndTags(statement).length === 0)
      figures.undocumented.push(...namesOf(statement).map((name) => `${path}: ${name}`));
  visit(source, source, figures);
  return figures;
}

/** @param {ts.Node} node @param {ts.SourceFile} source @param {FileFigures} figures */
function visit(node, source, figures) {
  if (ts.isFunctionLike(node) && 'body' in node && node.body) {
    const lineOf = (/** @type {number} */ position) => source.getLineAndCharacterOfPosition(position).line;
    figures.functions.push(lineOf(node.end) - lineOf(node.getStart(source)) + 1);
  }
  if (ts.isConstructorDeclaration(node) && node.parameters.length > DEPENDENCIES)
    figures.constructors.push({ name: node.parent.name?.text ?? source.fileName, count: node.parameters.length });
  ts.forEachChild(node, (child) => visit(child, source, figures));
}

const isExported = (/** @type {ts.Statement} */ statement) =>
  ts.canHaveModifiers(statement) &&
  (ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false);

/** @returns {string[]} */
function namesOf(/** @type {ts.Statement} */ statement) {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  const name = 'name' in statement ? /** @type {ts.Node | undefined} */ (statement.name) : undefined;
  return name ? [name.getText()] : [];
}

/** The value below which this share of the values lies. */
export function quantile(/** @type {readonly number[]} */ values, /** @type {number} */ share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
