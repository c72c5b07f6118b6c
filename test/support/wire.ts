/** Responses that were recorded from running servers, in their order in the file. */
export class Wire {
  readonly #sections: Map<string, string[]>;

  constructor(recording: string) {
    const sections = recording.split(/^== /m).slice(1);
    this.#sections = new Map(
      sections.map((section) => {
        const [name = '', ...lines] = section.trimEnd().split('\n');
        return [name, lines];
      }),
    );
  }

  get names(): string[] {
    return [...this.#sections.keys()];
  }

  /**
   * The response with that name, byte for byte, except that each `<jwt>` is replaced with the next of the given
   * tokens.
   */
  answer(name: string, ...tokens: string[]): Response {
    const lines = this.#sections.get(name);
    if (!lines) throw new Error(`No answer was recorded under the name "${name}"`);
    const [status, body] = readStatus(lines);
    const headers = lines.map((line) => line.split(/^([\w-]+): /).slice(1)).filter(([name]) => name);
    const filled = body.replace(/<jwt>/g, () => tokens.shift() ?? '<jwt>');
    return new Response(filled, { status, headers: headers as [string, string][] });
  }
}

/** `HTTP/1.1 401 Unauthorized`, with the body last; `401 {…}`; or only the body of a 200. */
function readStatus(lines: string[]): [status: number, body: string] {
  const [first = ''] = lines;
  const [, status = '200', text] = /^(?:HTTP\/1\.1 )?(\d{3}) ?(.*)/.exec(first) ?? [];
  const body = [text ?? '', ...lines].find((line) => /^[{[]/.test(line)) ?? '';
  return [Number(status), body];
}
