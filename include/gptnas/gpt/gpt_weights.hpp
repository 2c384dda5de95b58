// The weights of a GPT in a file, as PyTorch and Hugging Face's transformers read and write those of GPT-2.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/write_file.hpp>
#include <gptnas/gpt/gpt.hpp>
#include <gptnas/gpt/gpt_tensors.hpp>
#include <gptnas/gpt/safetensors.hpp>

namespace gptnas {

namespace detail {

inline constexpr char gpt_prefix[] = "transformer.";  // of the names in a model with an output layer
inline constexpr char gpt_head[] = "lm_head.weight";

/// What the file says of the model: the sizes, as GPT2Config names them, and whose layout the tensors have.
template <class Size>
SafetensorsMetadata gpt_metadata() {
  return {{"format", "pt"},
          {"vocab_size", std::to_string(Size::vocabulary)},
          {"n_positions", std::to_string(Size::context)},
          {"n_embd", std::to_string(Size::width)},
          {"n_layer", std::to_string(Size::layers)},
          {"n_head", std::to_string(Size::heads)}};
}

}  // namespace detail

/// Writes the weights of a GPT as a safetensors file, F32 or F64 as the model computes, with the names that
/// transformers' GPT2LMHeadModel gives them ("transformer.wte.weight") and its sizes as metadata. The output layer is
/// the token embedding and not written.
///
/// @throws FileError if the file cannot be written; a file that was there stays then. Complexity: O(parameters).
template <class Size, class Machine>
void write_weights(const Gpt<Size, Machine>& model, const std::string& path) {
  using Scalar = typename Machine::Scalar;
  std::vector<Scalar> values(Size::parameters);
  model.backend().read(model.parameters().slice(0, Size::parameters), std::span(values));
  std::vector<NamedTensor> tensors = gpt_tensors<Size>();
  for (NamedTensor& tensor : tensors) tensor.name.insert(0, detail::gpt_prefix);
  write_file(path, to_safetensors(tensors, std::span<const Scalar>(values), detail::gpt_metadata<Size>()));
}

/// Reads the weights of a GPT from a safetensors file with GPT-2's names, all with the prefix "transformer." or all
/// without. F32 and F64 are converted to what the model computes in. An output layer is left out if it is the token
/// embedding, and so are the masks that old versions of transformers wrote ("h.0.attn.bias").
///
/// @throws FileError if the file is no safetensors file (`Safetensors`); if the metadata tell of other sizes or a
///   format other than "pt"; if a tensor is missing, unknown, of another shape or dtype; or if the output layer is not
///   the embedding. The model stays as it was then. NaN and infinities are taken. Complexity: O(parameters).
template <class Size, class Machine>
void read_weights(Gpt<Size, Machine>& model, const Safetensors& file) {
  using Scalar = typename Machine::Scalar;
  for (const auto& [name, expected] : detail::gpt_metadata<Size>()) {
    const auto found = file.metadata().find(name);
    if (found == file.metadata().end() || found->second == expected) continue;
    throw FileError(file.path(), joined({"metadata \"", name, "\" is ", detail::excerpt(found->second), "; expected \"",
                                         expected, "\""}));
  }

  const bool has_prefix = std::ranges::any_of(
      file.tensors(), [](const SafetensorsTensor& tensor) { return tensor.name.starts_with(detail::gpt_prefix); });
  const std::string prefix = has_prefix ? detail::gpt_prefix : "";
  std::map<std::string, NamedTensor> missing;
  for (NamedTensor& tensor : gpt_tensors<Size>()) missing.emplace(prefix + tensor.name, std::move(tensor));
  std::set<std::string> masks;
  for (std::size_t layer = 0; layer < Size::layers; ++layer) {
    const std::string attention = joined({prefix, "h.", layer, ".attn."});
    masks.insert({joined({attention, "bias"}), joined({attention, "masked_bias"})});
  }

  const SafetensorsTensor *embedding = nullptr, *head = nullptr;
  std::vector<Scalar> values(Size::parameters);
  for (const SafetensorsTensor& tensor : file.tensors()) {
    if (tensor.name == joined({prefix, "wte.weight"})) embedding = &tensor;
    if (tensor.name == detail::gpt_head) head = &tensor;
    const auto place = missing.find(tensor.name);
    if (place != missing.end()) {
      const NamedTensor& expected = place->second;
      if (!std::ranges::equal(tensor.shape, expected.shape)) {
        file.refuse(tensor.name, joined({"shape is ", detail::excerpt(tensor.shape), "; expected ",
                                         detail::excerpt(expected.shape)}));
      }
      std::ranges::copy(file.template values<Scalar>(tensor), std::span(values).subspan(expected.offset).begin());
      missing.erase(place);
    } else if (&tensor != head && !masks.contains(tensor.name)) {
      file.refuse(tensor.name, joined({"is unknown; expected the tensors of a GPT-2 of ", Size::layers, " layers"}));
    }
  }
  if (!missing.empty()) {
    const auto& [name, tensor] = *missing.begin();
    file.refuse(name, joined({"is missing; expected one of the shape ", detail::excerpt(tensor.shape)}));
  }
  const auto contents = [](const SafetensorsTensor& tensor) {
    return std::tie(tensor.dtype, tensor.shape, tensor.bytes);
  };
  if (head != nullptr && contents(*head) != contents(*embedding)) {
    file.refuse(head->name,
                joined({"differs from ", embedding->name, "; expected the same, the output layer is the embedding"}));
  }
  model.set_parameters(values);
}

/// The same for the file of a name.
template <class Size, class Machine>
void read_weights(Gpt<Size, Machine>& model, const std::string& path) {
  read_weights(model, Safetensors(path));
}

}  // namespace gptnas
