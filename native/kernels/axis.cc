// The table of the reductions along an axis, compiled once per CPU level: what is left of a line
// becomes its result.
#include "kernels/math/axis-rules-inl.h"

namespace everycore::EC_ISA {
namespace {

template <class O>
EC_INLINE void write(const Call& call, int64_t line, O value) {
  call.views[1].as<O>()[line] = value;
}
// f32 is rounded once, all others are doubles.
template <class T>
EC_INLINE void writeDouble(const Call& call, int64_t line, double value) {
  if constexpr (__is_same(T, float))
    write(call, line, static_cast<float>(value));
  else
    write(call, line, value);
}
// What a sum or a mean of integers is made of: their exact total.
template <class T, class A>
EC_INLINE double totalAsDouble(A total) {
  if constexpr (__is_same(A, double) || __is_same(T, uint64_t))
    return static_cast<double>(total);
  else
    return static_cast<double>(static_cast<int64_t>(total));
}

template <class R>
struct Total : R {
  static EC_INLINE void put(const Call& call, int64_t line, typename R::Partial total) {
    using T = typename R::Element;
    if constexpr (sizeof(T) == 8)
      write(call, line, static_cast<T>(total));  // 64-bit integers stay what they are
    else
      writeDouble<T>(call, line, totalAsDouble<T>(total));
  }
};
template <class R>
struct Mean : R {
  static EC_INLINE void put(const Call& call, int64_t line, typename R::Partial total) {
    using T = typename R::Element;
    const double length = static_cast<double>(call.views[0].shape[2]);
    writeDouble<T>(call, line, totalAsDouble<T>(total) / length);
  }
};
template <class R>
struct Plain : R {
  static EC_INLINE void put(const Call& call, int64_t line, typename R::Partial value) {
    write(call, line, value);
  }
};
// Parameter: what is taken off the divisor.
template <class T, bool root>
struct Variance : SpreadRule<T> {
  static EC_INLINE void put(const Call& call, int64_t line, Spread spread) {
    const double freedom = static_cast<double>(call.views[0].shape[2]) - call.params[0];
    const double squares = spread.squares < 0 ? 0 : spread.squares;
    const double variance = freedom > 0 ? squares / freedom : __builtin_nan("");
    writeDouble<T>(call, line, root ? __builtin_sqrt(variance) : variance);
  }
};
template <class T>
struct Any : CountRule<T> {
  static EC_INLINE void put(const Call& call, int64_t line, uint32_t count) {
    write(call, line, static_cast<uint8_t>(count != 0));
  }
};
template <class T>
struct All : CountRule<T> {
  static EC_INLINE void put(const Call& call, int64_t line, uint32_t count) {
    write(call, line, static_cast<uint8_t>(count == call.views[0].shape[2]));
  }
};

#define EC_AXIS(name, dtype, ...) \
  {"reduce " name " by axis", Dtype::dtype, {reduceLines<__VA_ARGS__>}},
#define EC_AXES(T, dtype)                                \
  EC_AXIS("sum", dtype, Total<SumRule<T>>)               \
  EC_AXIS("product", dtype, Total<TreeRule<T, Product>>) \
  EC_AXIS("min", dtype, Plain<ExtremeRule<T, Least>>)    \
  EC_AXIS("max", dtype, Plain<ExtremeRule<T, Greatest>>) \
  EC_AXIS("argmin", dtype, IndexRule<T, Least>)          \
  EC_AXIS("argmax", dtype, IndexRule<T, Greatest>)       \
  EC_AXIS("count", dtype, Plain<CountRule<T>>)           \
  EC_AXIS("any", dtype, Any<T>)                          \
  EC_AXIS("all", dtype, All<T>)
#define EC_NUMBER_AXES(T, dtype)                 \
  EC_AXIS("mean", dtype, Mean<SumRule<T>>)       \
  EC_AXIS("variance", dtype, Variance<T, false>) \
  EC_AXIS("std", dtype, Variance<T, true>)       \
  EC_AXIS("squares", dtype, Plain<SquaresRule<T>>)

// clang-format off
constexpr KernelEntry entries[] = {EC_EACH_DTYPE(EC_AXES) EC_EACH_NUMBER(EC_NUMBER_AXES)};
// clang-format on

}  // namespace

KernelList axis() noexcept { return {entries, sizeof entries / sizeof *entries}; }

}  // namespace everycore::EC_ISA
