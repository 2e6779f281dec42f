/** True only for the same type: `any`, optional keys and readonly are told apart. */
type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false
/** Compiles with `true` when both types are the same, with `false` when they are not. */
export function eq<A, B>(_same: Same<A, B>): void {}
