// So much of Node as the tests use. All of its types would have the page's code be written for Node.

declare module "node:test" {
  type Body = () => void | Promise<void>;
  export function test(name: string, body: Body): void;
  export function beforeEach(body: Body): void;
  export const mock: {
    timers: { enable(options: { apis: string[] }): void; reset(): void; tick(milliseconds: number): void };
  };
}

declare module "node:assert/strict" {
  type Expected = RegExp | object | ((error: never) => boolean);
  interface Assert {
    (value: unknown, message?: string): asserts value;
    ok(value: unknown, message?: string): asserts value;
    equal(actual: unknown, expected: unknown, message?: string): void;
    notEqual(actual: unknown, expected: unknown, message?: string): void;
    deepEqual(actual: unknown, expected: unknown, message?: string): void;
    notDeepEqual(actual: unknown, expected: unknown, message?: string): void;
    match(text: string, pattern: RegExp, message?: string): void;
    doesNotMatch(text: string, pattern: RegExp, message?: string): void;
    throws(what: () => unknown, expected?: Expected, message?: string): void;
    rejects(what: Promise<unknown> | (() => Promise<unknown>), expected?: Expected, message?: string): Promise<void>;
    fail(message?: string): never;
  }
  const assert: Assert;
  export default assert;
}
