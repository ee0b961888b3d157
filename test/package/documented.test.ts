/**
 * @file Every symbol that the package exports has a docstring.
 */
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ENTRIES = ['index', 'models', 'evaluation', 'browser', 'node'].map((name) => `${ROOT}src/${name}.ts`);

const config: unknown = ts.readConfigFile(`${ROOT}tsconfig.build.json`, (path) => ts.sys.readFile(path)).config;
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
const program = ts.createProgram(ENTRIES, options);
const checker = program.getTypeChecker();

/** Names of undocumented exports of a module, those of its namespaces included. */
function undocumented(module: ts.Symbol, path: string): string[] {
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const name = `${path}.${exported.name}`;
    if (symbol.flags & ts.SymbolFlags.ValueModule) return undocumented(symbol, name);
    return symbol.getDocumentationComment(checker).length > 0 ? [] : [name];
  });
}

for (const entry of ENTRIES) {
  const name = entry.slice(`${ROOT}src/`.length);
  test(`all exports of ${name} are documented`, () => {
    const file = program.getSourceFile(entry);
    const module = file && checker.getSymbolAtLocation(file);
    assert.ok(module, name);
    assert.equal(undocumented(module, name), []);
  });
}

test.run();
