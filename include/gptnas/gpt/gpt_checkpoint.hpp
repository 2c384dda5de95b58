// A fit in a file, to go on from after the program ended.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/write_file.hpp>
#include <gptnas/gpt/adamw.hpp>
#include <gptnas/gpt/gpt_fitter.hpp>
#include <gptnas/gpt/gpt_tensors.hpp>
#include <gptnas/gpt/gpt_weights.hpp>
#include <gptnas/gpt/safetensors.hpp>

namespace gptnas {

namespace detail {

/// Numbers as text that is read back to the same bits.
template <class Number>
std::string checkpoint_text(Number number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  return std::string(text, end);
}

template <class Number>
Number checkpoint_number(const Safetensors& file, const std::string& name) {
  const auto found = file.metadata().find(name);
  const std::string text = found == file.metadata().end() ? "" : found->second;
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw FileError(file.path(), joined({"metadata \"", name, "\" is ", excerpt(text), "; expected a number"}));
  }
  return number;
}

inline constexpr const char* checkpoint_names[] = {"parameters", "first_moments", "second_moments", "best_parameters"};

}  // namespace detail

/// Writes a fit to a safetensors file, whole or not at all: parameters, moments, the best parameters if there are, each
/// as one tensor, and the rest of the state as metadata. To be called between two steps, thus from `on_step`, too.
///
/// @throws FileError if the file cannot be written. Complexity: O(parameters).
template <class Size, class Machine>
void write_checkpoint(const Gpt<Size, Machine>& model, const GptFitter<Gpt<Size, Machine>>& fitter,
                      const std::string& path) {
  using Scalar = typename Machine::Scalar;
  const typename Gpt<Size, Machine>::Array* const parts[] = {&model.parameters(), &fitter.optimizer().first_moments(),
                                                             &fitter.optimizer().second_moments(),
                                                             fitter.best_parameters()};
  std::vector<NamedTensor> tensors;
  std::vector<Scalar> values;
  for (std::size_t part = 0; part < std::size(parts) && parts[part] != nullptr; ++part) {
    tensors.push_back({detail::checkpoint_names[part], {Size::parameters}, values.size(), Size::parameters});
    values.resize(values.size() + Size::parameters);
    model.backend().read(parts[part]->slice(0, Size::parameters), std::span(values).last(Size::parameters));
  }
  SafetensorsMetadata metadata = detail::gpt_metadata<Size>();
  metadata["optimizer_steps"] = detail::checkpoint_text(fitter.optimizer().steps());
  metadata["seed"] = detail::checkpoint_text(fitter.state().seed);
  metadata["step"] = detail::checkpoint_text(fitter.state().step);
  metadata["least_validation_loss"] = detail::checkpoint_text(fitter.state().least_validation_loss);
  metadata["stale"] = detail::checkpoint_text(fitter.state().stale);
  write_file(path, to_safetensors(tensors, std::span<const Scalar>(values), metadata));
}

/// Brings a fit back, for `GptFitter::resume`, which then goes on to the same bits.
///
/// @param fitter  with the options of the one that was written.
/// @throws FileError if the file is no safetensors file, if it is no checkpoint of a model of this size and scalar, or
///   if a number of its metadata is none. Model and fitter stay as they were then. Complexity: O(parameters).
template <class Size, class Machine>
void read_checkpoint(Gpt<Size, Machine>& model, GptFitter<Gpt<Size, Machine>>& fitter, const std::string& path) {
  using Model = Gpt<Size, Machine>;
  using Scalar = typename Machine::Scalar;
  using Array = typename Model::Array;
  const Safetensors file(path);
  for (const auto& [name, expected] : detail::gpt_metadata<Size>()) {
    const auto found = file.metadata().find(name);
    const std::string text = found == file.metadata().end() ? "" : found->second;
    if (text != expected) {
      throw FileError(path,
                      joined({"metadata \"", name, "\" is ", detail::excerpt(text), "; expected \"", expected, "\""}));
    }
  }
  const FitState state{.seed = detail::checkpoint_number<std::uint64_t>(file, "seed"),
                       .step = detail::checkpoint_number<std::size_t>(file, "step"),
                       .least_validation_loss = detail::checkpoint_number<double>(file, "least_validation_loss"),
                       .stale = detail::checkpoint_number<std::size_t>(file, "stale")};
  const auto steps = detail::checkpoint_number<std::uint64_t>(file, "optimizer_steps");
  const bool has_best = state.least_validation_loss < std::numeric_limits<double>::infinity();

  std::vector<Array> parts;
  for (std::size_t part = 0; part < (has_best ? 4u : 3u); ++part) {
    const std::string name = detail::checkpoint_names[part];
    const SafetensorsTensor* tensor = nullptr;
    for (const SafetensorsTensor& each : file.tensors()) {
      if (each.name == name) tensor = &each;
    }
    if (tensor == nullptr) file.refuse(name, "is missing; expected the tensors of a checkpoint");
    if (tensor->dtype != detail::SafetensorsScalar<Scalar>::dtype) {
      file.refuse(name, joined({"dtype is ", tensor->dtype, "; expected ", detail::SafetensorsScalar<Scalar>::dtype,
                                ", as the model computes"}));
    }
    const std::vector<Scalar> values = file.template values<Scalar>(*tensor);
    if (values.size() != Size::parameters) {
      file.refuse(name, joined({values.size(), " elements; expected ", Size::parameters}));
    }
    parts.emplace_back(Size::parameters);
    model.backend().write(parts.back().slice(0, Size::parameters), std::span(values));
  }
  AdamW<Model> optimizer = fitter.optimizer();
  optimizer.restore(steps, std::move(parts[1]), std::move(parts[2]));
  model.backend().copy(model.parameters(), parts[0]);
  std::optional<Array> best;
  if (has_best) best = std::move(parts[3]);
  fitter.restore(state, std::move(optimizer), std::move(best));
}

}  // namespace gptnas
