// The table of the kernels of linear algebra, compiled once per CPU level.
#include "kernels/linear/cholesky-inl.h"
#include "kernels/linear/distances-inl.h"
#include "kernels/linear/eigh-inl.h"
#include "kernels/linear/norm-inl.h"
#include "kernels/linear/qr-inl.h"
#include "kernels/linear/solve-inl.h"
#include "kernels/linear/svd-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {EC_KERNELS_LU,        EC_KERNELS_SOLVE, EC_KERNELS_CHOLESKY,
                                   EC_KERNELS_QR,        EC_KERNELS_EIGH,  EC_KERNELS_SVD,
                                   EC_KERNELS_DISTANCES, EC_KERNELS_NORM};

}  // namespace

KernelList linear() noexcept { return {entries, sizeof entries / sizeof *entries}; }

}  // namespace everycore::EC_ISA
