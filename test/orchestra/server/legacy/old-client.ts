/** What the old wire answers. */
export interface OldAnswer {
  readonly error_code: number;
  readonly message: string;
  readonly token?: string;
}

/** A client that knows the old wire and nothing else: forms are posted, and answers have HTTP status 200. */
export function oldClient(url: string) {
  const post = async (path: string, body: URLSearchParams | FormData): Promise<Response> => {
    const response = await fetch(`${url}${path}`, { method: 'POST', body });
    if (response.status !== 200) throw new Error(`${path} answered HTTP ${response.status}`);
    return response;
  };
  return {
    /** Posts a form and reads the answer as JSON. */
    async call<Answer = OldAnswer>(path: string, fields: Readonly<Record<string, string>>): Promise<Answer> {
      return (await (await post(path, new URLSearchParams(fields))).json()) as Answer;
    },
    /** Uploads a file, fields first. */
    async upload(
      fields: Readonly<Record<string, string>>,
      name: string,
      content: string,
    ): Promise<OldAnswer> {
      const form = new FormData();
      for (const [field, value] of Object.entries(fields)) form.set(field, value);
      form.set('file', new Blob([content]), name);
      return (await (await post('/upload-dataset', form)).json()) as OldAnswer;
    },
    /** Downloads a dataset: its bytes. */
    async download(fields: Readonly<Record<string, string>>): Promise<Buffer> {
      return Buffer.from(await (await post('/download-dataset', new URLSearchParams(fields))).arrayBuffer());
    },
    post,
  };
}
