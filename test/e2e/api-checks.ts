import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** Of an OpenAPI description, what checks read. */
export interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

export interface Operation {
  security: Record<string, string[]>[];
  parameters?: { name: string; in: string; required: boolean }[];
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

/** Compares real answers with what an OpenAPI description says of them. */
export class DescribedAnswers {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });

  constructor(readonly api: OpenApi) {
    formats.default(this.ajv);
    this.ajv.addSchema({ $id: 'api', ...api });
  }

  operation(method: string, path: string): Operation {
    const found = this.api.paths[path]?.[method.toLowerCase()];
    if (!found) throw new Error(`${method} ${path} is not described`);
    return found;
  }

  /** The deviations of an answer from its description; empty where it matches. */
  async problemsOf(method: string, path: string, answer: Response): Promise<string[]> {
    const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
    const described = this.operation(method, path).responses[answer.status];
    if (!described) return [`${method} ${path}: the status ${answer.status} is not described: ${await answer.text()}`];
    const at = described.content?.[type];
    if (!at) {
      await answer.body?.cancel();
      return answer.status === 304 || described.content === undefined
        ? []
        : [`${method} ${path} ${answer.status}: the type ${type} is not described`];
    }
    if (!type.endsWith('json')) {
      await answer.body?.cancel();
      return [];
    }
    const pointer = ['paths', path, method.toLowerCase(), 'responses', String(answer.status), 'content', type, 'schema']
      .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
      .map(encodeURIComponent)
      .join('/');
    const validate = this.ajv.getSchema(`api#/${pointer}`);
    if (!validate) throw new Error(`there is no schema at ${pointer}`);
    const body: unknown = await answer.json();
    if (validate(body)) return [];
    return [
      `${method} ${path} ${answer.status}: ${this.ajv.errorsText(validate.errors)} in ${JSON.stringify(body).slice(0, 300)}`,
    ];
  }
}
