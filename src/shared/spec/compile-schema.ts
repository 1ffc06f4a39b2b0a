import { Ajv } from 'ajv';

/**
 * How the schema of specifications is compiled. `forFile` keeps the source, from which the build makes a module,
 * so that a command need neither load the compiler nor compile.
 */
export function schemaCompiler({ forFile }: { readonly forFile: boolean }): Ajv {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
    strictTypes: false,
    strictRequired: false,
    ...(forFile ? { code: { source: true } } : {}),
  });
  ajv.addKeyword({ keyword: 'errorMessage', schemaType: 'string' });
  return ajv;
}
