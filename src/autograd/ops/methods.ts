/**
 * @file Makes every operation on a tensor a method of it: `x.add(y)` is `ops.add(x, y)`. The operations are those that
 * tensorOps.ts exports, so a new one needs no entry here.
 */
import { Tensor } from '../tensor.js';
import * as ops from './tensorOps.js';

type Operations = typeof ops;

type Method<Operation> = Operation extends (x: Tensor, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never;

/** The operations without their first operand, which is the tensor itself. */
export type TensorMethods = { readonly [Name in keyof Operations]: Method<Operations[Name]> };

/** Installs the methods. Called once, when the engine's module is loaded. */
export function installMethods(): void {
  for (const [name, operation] of Object.entries(ops)) {
    Object.defineProperty(Tensor.prototype, name, {
      configurable: true,
      value: function (this: Tensor, ...rest: unknown[]): unknown {
        return Reflect.apply(operation, undefined, [this, ...rest]);
      },
    });
  }
}
