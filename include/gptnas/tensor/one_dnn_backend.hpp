// The CPU backend with matrix products by oneDNN; link gptnas::onednn.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <dnnl.h>

#include <gptnas/core/joined.hpp>
#include <gptnas/tensor/eigen_backend.hpp>
#include <gptnas/tensor/matrix_product.hpp>

extern "C" {
int omp_get_max_threads();
void omp_set_num_threads(int);
}

namespace gptnas {

/// Matrix products by oneDNN, in the calling thread; of doubles, which oneDNN does not multiply, by Eigen. oneDNN may
/// allocate memory in a product.
class OneDnnProduct {
 public:
  /// As `matrix_product`.
  ///
  /// @throws std::runtime_error if oneDNN refuses.
  template <class Scalar>
  static void multiply(const std::type_identity_t<MatrixFactor<Scalar>>& a,
                       const std::type_identity_t<MatrixFactor<Scalar>>& b, MatrixView<Scalar> c, Update update) {
    detail::check_product(a, b, c);
    if constexpr (std::is_same_v<Scalar, float>) {
      if (c.rows * c.columns * a.columns == 0) return matrix_product(a, b, c, update);
      const OneThread alone;
      const auto size = [](std::size_t value) { return static_cast<dnnl_dim_t>(value); };
      const dnnl_status_t status = dnnl_sgemm(
          a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', size(c.rows), size(c.columns), size(a.columns), 1.0f,
          a.data, size(a.stride), b.data, size(b.stride), update == Update::add ? 1.0f : 0.0f, c.data, size(c.stride));
      if (status != dnnl_success) {
        throw std::runtime_error(joined({"OneDnnProduct: dnnl_sgemm failed with status ", static_cast<int>(status)}));
      }
    } else {
      matrix_product(a, b, c, update);
    }
  }

 private:
  // While it lives, oneDNN starts no threads for this one: who calls shares the work already.
  class OneThread {
   public:
    OneThread() { omp_set_num_threads(1); }
    ~OneThread() { omp_set_num_threads(before_); }
    OneThread(const OneThread&) = delete;
    OneThread& operator=(const OneThread&) = delete;

   private:
    const int before_ = omp_get_max_threads();
  };
};

/// `EigenBackend` with the products of oneDNN, which are faster.
///
/// @tparam Real  float or double.
template <class Real = float>
using OneDnnBackend = EigenBackend<Real, OneDnnProduct>;

}  // namespace gptnas
