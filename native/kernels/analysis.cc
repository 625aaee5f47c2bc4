// The table of the kernels that measure or need a whole frame, compiled once per CPU level.
#include "kernels/image/canny-inl.h"
#include "kernels/image/clahe-inl.h"
#include "kernels/image/compare-inl.h"
#include "kernels/image/components-inl.h"
#include "kernels/image/distance-inl.h"
#include "kernels/image/histogram-inl.h"
#include "kernels/image/integral-inl.h"
#include "kernels/image/match-template-inl.h"
#include "kernels/image/stats-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {
    EC_KERNELS_CANNY EC_KERNELS_CLAHE EC_KERNELS_COMPARE EC_KERNELS_COMPONENTS EC_KERNELS_DISTANCE
        EC_KERNELS_HISTOGRAM EC_KERNELS_INTEGRAL  //
            EC_KERNELS_MATCH_TEMPLATE EC_KERNELS_STATS};

}  // namespace

KernelList analysis() noexcept { return {entries, sizeof(entries) / sizeof(entries[0])}; }

}  // namespace everycore::EC_ISA
