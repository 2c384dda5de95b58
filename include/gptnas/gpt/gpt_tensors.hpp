// Where each tensor of a GPT lies among its parameters.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/core/joined.hpp>

namespace gptnas {

/// One tensor of a model: its name and shape as in GPT-2, and its place among the parameters.
struct NamedTensor {
  std::string name;                ///< "h.0.attn.c_attn.weight"
  std::vector<std::size_t> shape;  ///< row-major; a matrix is (inputs, outputs)
  std::size_t offset;              ///< of the first element
  std::size_t size;                ///< elements
};

namespace detail {

/// The tensors of a GPT as slices of one array, all matrices first. Parameters, gradients and moments lie alike.
template <class Size, class Slice>
struct GptTensors {
  struct Layer {
    Slice c_attn_weight, attn_c_proj_weight, c_fc_weight, mlp_c_proj_weight;
    Slice ln_1_weight, ln_1_bias, c_attn_bias, attn_c_proj_bias, ln_2_weight, ln_2_bias, c_fc_bias, mlp_c_proj_bias;
  };
  Slice wte, wpe;
  std::array<Layer, Size::layers> h;
  Slice ln_f_weight, ln_f_bias;

  GptTensors() = default;

  explicit GptTensors(Slice all) {
    std::size_t offset = 0;
    visit([&](Slice& tensor, std::string_view, std::size_t, std::size_t rows, std::size_t columns) {
      tensor = all.slice(offset, rows * columns);
      offset += rows * columns;
    });
  }

  static constexpr std::size_t no_layer = Size::layers;

  /// Calls `visitor(tensor, name, layer, rows, columns)` in the order of the array; a vector has one row, and what
  /// belongs to no layer has `no_layer`.
  template <class Visitor>
  void visit(Visitor visitor) {
    constexpr std::size_t width = Size::width;
    visitor(wte, "wte.weight", no_layer, Size::vocabulary, width);
    visitor(wpe, "wpe.weight", no_layer, Size::context, width);
    for (std::size_t layer = 0; layer < Size::layers; ++layer) {
      visitor(h[layer].c_attn_weight, "attn.c_attn.weight", layer, width, 3 * width);
      visitor(h[layer].attn_c_proj_weight, "attn.c_proj.weight", layer, width, width);
      visitor(h[layer].c_fc_weight, "mlp.c_fc.weight", layer, width, 4 * width);
      visitor(h[layer].mlp_c_proj_weight, "mlp.c_proj.weight", layer, 4 * width, width);
    }
    for (std::size_t layer = 0; layer < Size::layers; ++layer) {
      visitor(h[layer].ln_1_weight, "ln_1.weight", layer, 1, width);
      visitor(h[layer].ln_1_bias, "ln_1.bias", layer, 1, width);
      visitor(h[layer].c_attn_bias, "attn.c_attn.bias", layer, 1, 3 * width);
      visitor(h[layer].attn_c_proj_bias, "attn.c_proj.bias", layer, 1, width);
      visitor(h[layer].ln_2_weight, "ln_2.weight", layer, 1, width);
      visitor(h[layer].ln_2_bias, "ln_2.bias", layer, 1, width);
      visitor(h[layer].c_fc_bias, "mlp.c_fc.bias", layer, 1, 4 * width);
      visitor(h[layer].mlp_c_proj_bias, "mlp.c_proj.bias", layer, 1, width);
    }
    visitor(ln_f_weight, "ln_f.weight", no_layer, 1, width);
    visitor(ln_f_bias, "ln_f.bias", no_layer, 1, width);
  }
};

}  // namespace detail

/// The tensors of a GPT in the order in which they lie, all matrices before all vectors.
template <class Size>
std::vector<NamedTensor> gpt_tensors() {
  struct NoSlice {};
  using Tensors = detail::GptTensors<Size, NoSlice>;
  std::vector<NamedTensor> tensors;
  std::size_t offset = 0;
  Tensors{}.visit([&](NoSlice, std::string_view name, std::size_t layer, std::size_t rows, std::size_t columns) {
    const std::string prefix = layer == Tensors::no_layer ? "" : joined({"h.", layer, "."});
    const bool vector = name.ends_with("bias") || name.find("ln_") != std::string_view::npos;
    tensors.push_back(
        {joined({prefix, name}), vector ? std::vector{columns} : std::vector{rows, columns}, offset, rows * columns});
    offset += rows * columns;
  });
  return tensors;
}

}  // namespace gptnas
