#include <gptnas/gpt/gpt_weights.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if __has_include(<sys/wait.h>)
#include <sys/wait.h>
#endif

#include <gptnas/core/errors.hpp>
#include <gptnas/core/little_endian.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/standard_normal.hpp>
#include <gptnas/gpt/gpt.hpp>
#include <gptnas/gpt/safetensors.hpp>
#include <gptnas/gpt/token_batch.hpp>

#include "../message_of.hpp"
#include "../temporary_folder.hpp"
#include "gpt_reference.hpp"

namespace gpt_weights_test {

using namespace gptnas;
using gptnas_test::gpt_reference;
using gptnas_test::message_of;
using gptnas_test::reference_file;
using Size = gptnas_test::SmallGpt::Size;

template <class Scalar>
using ModelOf = Gpt<Size, EigenBackend<Scalar>>;

template <class Model>
std::vector<typename Model::Scalar> parameters(const Model& model) {
  std::vector<typename Model::Scalar> values(Model::Sizes::parameters);
  model.backend().read(model.parameters().slice(0, values.size()), std::span(values));
  return values;
}

template <class Model>
std::vector<double> logits(const Model& model, const std::vector<std::vector<int>>& sequences) {
  TokenBatch<Size> batch(40);
  for (const auto& sequence : sequences) batch.add(sequence);
  typename Model::Activations activations(batch.rows());
  model.forward(batch, activations);
  std::vector<typename Model::Scalar> values(batch.rows() * Size::vocabulary);
  model.backend().read(activations.at(activations.logits, batch.rows()), std::span(values));
  return {values.begin(), values.end()};
}

template <class Scalar>
class GptWeights : public testing::Test {
 protected:
  using Model = ModelOf<Scalar>;
  gptnas_test::TemporaryFolder folder_;
  std::string path_ = folder_.path() / "model.safetensors";
};

using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(GptWeights, Scalars);

TYPED_TEST(GptWeights, WhatIsWrittenIsReadBitForBit) {
  using Limits = std::numeric_limits<TypeParam>;
  typename TestFixture::Model model{RandomStream(1)}, other{RandomStream(2)};
  std::vector<TypeParam> values = parameters(model);
  values[0] = Limits::denorm_min();
  values[1] = -TypeParam{0};
  values[2] = -Limits::infinity();
  values[3] = Limits::max();
  model.set_parameters(values);
  write_weights(model, this->path_);
  EXPECT_EQ(this->folder_.files(), 1u);
  read_weights(other, this->path_);
  EXPECT_EQ(parameters(other), values);
  EXPECT_TRUE(std::signbit(parameters(other)[1]));
  write_weights(model, this->path_);  // over the other one
  EXPECT_EQ(this->folder_.files(), 1u);
}

TYPED_TEST(GptWeights, AreNamedAsTransformersNamesThem) {
  write_weights(typename TestFixture::Model{RandomStream(1)}, this->path_);
  const Safetensors file(this->path_);
  EXPECT_EQ(file.metadata(), (SafetensorsMetadata{{"format", "pt"},
                                                  {"vocab_size", "11"},
                                                  {"n_positions", "9"},
                                                  {"n_embd", "12"},
                                                  {"n_layer", "2"},
                                                  {"n_head", "3"}}));
  ASSERT_EQ(file.tensors().size(), 4u + 12 * 2);
  EXPECT_EQ(file.tensors()[0].name, "transformer.wte.weight");
  EXPECT_EQ(file.tensors()[0].dtype, sizeof(TypeParam) == 4 ? "F32" : "F64");
}

// tests/reference/gpt_weights.py: transformers wrote the file, PyTorch the logits.
TYPED_TEST(GptWeights, OfPyTorchGiveItsLogits) {
  typename TestFixture::Model model{RandomStream(1)};
  read_weights(model, reference_file("gpt.safetensors"));
  const auto reference = gpt_reference(gptnas_test::SmallGpt::file);
  for (const NamedTensor& tensor : model.tensors()) {
    const auto& expected = reference.at("parameter." + tensor.name);
    const auto values = model.parameter(tensor.name);
    ASSERT_EQ(values.size(), expected.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(values[i], static_cast<TypeParam>(static_cast<float>(expected[i]))) << tensor.name;  // F32 in the file
    }
  }
  std::vector<std::vector<int>> sequences;
  for (int row = 0; row < 4; ++row) {
    const auto& sequence = reference.at("sequence." + std::to_string(row));
    sequences.emplace_back(sequence.begin(), sequence.end());
  }
  const std::vector<double> actual = logits(model, sequences), &expected = reference.at("logits");
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], 1e-5);
}

// The other way round, by the command python3, skipped where that has no PyTorch or safetensors; or by the one that the
// environment variable GPTNAS_PYTHON names, which must have them.
TYPED_TEST(GptWeights, GivePyTorchTheSameLogits) {
#if __has_include(<sys/wait.h>)
  typename TestFixture::Model model{RandomStream(1)};
  std::vector<TypeParam> values = parameters(model);
  RandomStream random(2);
  for (TypeParam& value : values) value += static_cast<TypeParam>(0.3 * standard_normal(random));
  model.set_parameters(values);
  write_weights(model, this->path_);
  const std::vector<int> sequence{3, 1, 4, 1, 5, 9, 2, 6, 10, 0};
  std::ofstream lines(this->folder_.path() / "logits.txt");
  lines.precision(17);
  lines << "tokens";
  for (std::size_t i = 0; i + 1 < sequence.size(); ++i) lines << ' ' << sequence[i];
  lines << "\nlogits";
  for (const double logit : logits(model, {sequence})) lines << ' ' << logit;
  lines << '\n';
  lines.close();

  const char* const python = std::getenv("GPTNAS_PYTHON");
  const std::string command = std::string("'") + (python == nullptr ? "python3" : python) + "' '" +
                              reference_file("gpt_weights.py").string() + "' '" + this->folder_.path().string() +
                              "' >'" + (this->folder_.path() / "said").string() + "' 2>&1";
  const int status = std::system(command.c_str());
  ASSERT_TRUE(WIFEXITED(status));
  const std::string said = this->folder_.content("said");
  const bool is_missing = WEXITSTATUS(status) == 77 || WEXITSTATUS(status) == 127;  // a package, or Python itself
  if (python == nullptr && is_missing) GTEST_SKIP() << "python3 has no PyTorch; set GPTNAS_PYTHON: " << said;
  EXPECT_EQ(WEXITSTATUS(status), 0) << said;
  std::cout << said;
#else
  GTEST_SKIP() << "this system does not tell how a command ended: it has no <sys/wait.h>";
#endif
}

TEST(GptWeightsConversion, BetweenFloatAndDouble) {
  const gptnas_test::TemporaryFolder folder;
  const std::string path = folder.path() / "model.safetensors";
  ModelOf<float> narrow{RandomStream(1)};
  ModelOf<double> wide{RandomStream(2)};
  write_weights(narrow, path);
  read_weights(wide, path);
  const std::vector<float> values = parameters(narrow);
  EXPECT_EQ(parameters(wide), std::vector<double>(values.begin(), values.end()));

  write_weights(wide, path);
  ModelOf<float> again{RandomStream(3)};
  read_weights(again, path);
  EXPECT_EQ(parameters(again), values);

  std::vector<double> large = parameters(wide);
  large[1] = 1e39;
  wide.set_parameters(large);
  write_weights(wide, path);
  EXPECT_EQ(folder.refusal([&] { read_weights(again, path); }),
            "model.safetensors: tensor \"transformer.wte.weight\": element 1 is 1e+39; expected a number that a float "
            "can hold");
  EXPECT_EQ(parameters(again), values);
}

/// A file of a small model, in parts that a test may change.
struct Parts {
  using SmallSize = GptSize<3, 2, 4, 2, 2>;
  using Small = Gpt<SmallSize>;

  Small model{RandomStream(1)};
  std::vector<NamedTensor> tensors = Small::tensors();
  std::vector<float> values = parameters(model);
  SafetensorsMetadata metadata;

  NamedTensor& at(const std::string& name) { return *std::ranges::find(tensors, name, &NamedTensor::name); }

  void remove(const std::string& name) {
    std::erase_if(tensors, [&](const NamedTensor& tensor) { return tensor.name == name; });
  }

  void add(const std::string& name, std::vector<std::size_t> shape, const std::vector<float>& more) {
    tensors.push_back({name, std::move(shape), values.size(), more.size()});
    values.insert(values.end(), more.begin(), more.end());
  }

  std::string content() const { return to_safetensors(tensors, std::span<const float>(values), metadata); }
};

Safetensors file_of(const std::string& content) {
  return Safetensors(FileBytes(std::vector<char>(content.begin(), content.end())), "file");
}

/// What is said of a file; also looks whether the model stays as it was if it is refused, and has the weights if not.
std::string said(const std::string& content) {
  const Parts whole;
  Parts::Small model{RandomStream(2)};
  const auto before = parameters(model);
  const std::string message = message_of<FileError>([&] { read_weights(model, file_of(content)); });
  EXPECT_EQ(parameters(model), message == "no exception" ? whole.values : before);
  return message;
}
std::string said(const Parts& parts) { return said(parts.content()); }

TEST(GptWeightsFile, WithOrWithoutPrefixHeadAndMasks) {
  Parts parts;
  EXPECT_EQ(said(parts), "no exception");
  parts.add("h.1.attn.bias", {1, 1, 2, 2}, {1, 0, 1, 1});
  parts.add("h.0.attn.masked_bias", {}, {-1e4f});
  EXPECT_EQ(said(parts), "no exception");
  for (NamedTensor& tensor : parts.tensors) tensor.name.insert(0, "transformer.");
  EXPECT_EQ(said(parts), "no exception");
  NamedTensor head = parts.at("transformer.wte.weight");
  head.name = "lm_head.weight";
  parts.tensors.push_back(head);
  parts.metadata = {{"format", "pt"}, {"n_head", "2"}, {"anything", "else"}};
  EXPECT_EQ(said(parts), "no exception");
}

TEST(GptWeightsFile, RefusesAMissingTensor) {
  Parts parts;
  parts.remove("h.1.mlp.c_fc.bias");
  EXPECT_EQ(said(parts), "file: tensor \"h.1.mlp.c_fc.bias\": is missing; expected one of the shape [16]");
  parts = {};
  for (NamedTensor& tensor : parts.tensors) tensor.name.insert(0, "transformer.");
  parts.remove("transformer.wte.weight");
  EXPECT_EQ(said(parts), "file: tensor \"transformer.wte.weight\": is missing; expected one of the shape [3,4]");
  NamedTensor head{"lm_head.weight", {3, 4}, 0, 12};
  parts.tensors.push_back(head);
  EXPECT_EQ(said(parts), "file: tensor \"transformer.wte.weight\": is missing; expected one of the shape [3,4]");
}

TEST(GptWeightsFile, RefusesAnUnknownTensor) {
  const std::string expected = ": is unknown; expected the tensors of a GPT-2 of 2 layers";
  for (const std::string name :
       {"h.2.ln_1.weight", "h.2.attn.bias", "h.0.attn.scale", "transformer", "", "lm_head.bias"}) {
    Parts parts;
    parts.add(name, {4}, {1, 2, 3, 4});
    EXPECT_EQ(said(parts), "file: tensor \"" + name + "\"" + expected);
  }
  Parts parts;  // one with the prefix, the rest without
  parts.add("transformer.h.0.attn.bias", {1}, {1});
  EXPECT_EQ(said(parts), "file: tensor \"wte.weight\"" + expected);
}

TEST(GptWeightsFile, RefusesAWrongShape) {
  Parts parts;
  parts.at("h.0.attn.c_attn.weight").shape = {12, 4};
  EXPECT_EQ(said(parts), "file: tensor \"h.0.attn.c_attn.weight\": shape is [12,4]; expected [4,12]");
  parts = {};
  parts.at("ln_f.bias").shape = {1, 4};
  EXPECT_EQ(said(parts), "file: tensor \"ln_f.bias\": shape is [1,4]; expected [4]");
  parts = {};
  parts.at("wpe.weight").size = 4;
  parts.at("wpe.weight").shape = {1, 4};
  EXPECT_EQ(said(parts), "file: tensor \"wpe.weight\": shape is [1,4]; expected [2,4]");
}

TEST(GptWeightsFile, RefusesOtherSizesInTheMetadata) {
  Parts parts;
  parts.metadata = {{"n_head", "4"}};  // nothing else would tell
  EXPECT_EQ(said(parts), "file: metadata \"n_head\" is \"4\"; expected \"2\"");
  parts.metadata = {{"vocab_size", "3 "}};
  EXPECT_EQ(said(parts), "file: metadata \"vocab_size\" is \"3 \"; expected \"3\"");
  parts.metadata = {{"format", "tf"}};
  EXPECT_EQ(said(parts), "file: metadata \"format\" is \"tf\"; expected \"pt\"");
}

TEST(GptWeightsFile, RefusesAnOutputLayerOfItsOwn) {
  const std::string expected =
      "file: tensor \"lm_head.weight\": differs from wte.weight; expected the same, the output layer is the embedding";
  Parts parts;
  parts.add("lm_head.weight", {3, 4}, std::vector<float>(12));
  EXPECT_EQ(said(parts), expected);
  parts = {};
  NamedTensor head = parts.at("wte.weight");
  head.name = "lm_head.weight";
  head.shape = {4, 3};
  parts.tensors.push_back(head);
  EXPECT_EQ(said(parts), expected);
}

TEST(GptWeightsFile, RefusesHalfPrecision) {
  for (const std::string dtype : {"F16", "BF16", "I16"}) {
    std::string content = Parts().content();
    const auto length = little_endian<std::uint64_t>(content);
    auto header = nlohmann::json::parse(content.substr(8, length));
    const std::size_t end = header["h.1.mlp.c_fc.bias"]["data_offsets"][1];
    header["h.1.mlp.c_fc.bias"]["dtype"] = dtype;
    header["h.1.mlp.c_fc.bias"]["data_offsets"][1] = end - 32;
    header["rest"] = {{"dtype", "U8"}, {"shape", {32}}, {"data_offsets", {end - 32, end}}};
    const std::string text = header.dump();
    std::string file(8, '\0');
    put_little_endian(std::span(file), std::uint64_t{text.size()});
    EXPECT_EQ(said(file + text + content.substr(8 + length)),
              "file: tensor \"h.1.mlp.c_fc.bias\": dtype is \"" + dtype + "\"; expected \"F32\" or \"F64\"");
  }
}

TEST(GptWeightsFile, IsRefusedWhereverItIsCutOff) {
  const std::string content = Parts().content();
  for (std::size_t size = 0; size < content.size(); ++size) {
    Parts::Small model{RandomStream(2)};
    const auto before = parameters(model);
    EXPECT_THROW(read_weights(model, file_of(content.substr(0, size))), FileError) << size;
    EXPECT_EQ(parameters(model), before) << size;
  }
}

TEST(GptWeightsFile, IsRefusedOrReadWhateverTheDamage) {
  const std::string content = Parts().content();
  const std::size_t data = 8 + little_endian<std::uint64_t>(content);
  RandomStream random(1);
  const auto below = [&](std::size_t bound) { return random.below(static_cast<std::uint32_t>(bound)); };
  int refused = 0, of_data = 0;
  for (int i = 0; i < 10'000; ++i) {
    std::string damaged = content;
    bool in_header = false;
    for (std::uint32_t changes = 1 + below(3); changes > 0; --changes) {
      // Half of them in the header, which has most of the ways to be wrong.
      const std::size_t place = below(below(2) == 0 ? data : damaged.size());
      const auto byte = static_cast<char>(below(256));
      in_header = in_header || place < data;
      switch (below(6)) {
        case 0: damaged.insert(place, 1, byte); break;
        case 1: damaged.erase(place, 1 + below(16)); break;
        case 2: damaged[place] = "0123456789{}[],:\""[below(17)]; break;
        default: damaged[place] = static_cast<char>(damaged[place] ^ 1 << below(8)); break;
      }
      if (damaged.size() < data) break;
    }
    Parts::Small model{RandomStream(2)};
    const auto before = parameters(model);
    try {
      const Safetensors file = file_of(damaged);
      std::size_t bytes = 0;
      for (const SafetensorsTensor& tensor : file.tensors()) bytes += tensor.bytes.size();
      EXPECT_LT(bytes, damaged.size());
      read_weights(model, file);
      of_data += !in_header;
    } catch (const FileError&) {
      ++refused;
      EXPECT_EQ(parameters(model), before);
    }
  }
  EXPECT_GT(refused, 5000);
  EXPECT_GT(of_data, 500);
}

TEST(GptWeightsFile, StaysWhereTheNewOneCannotBeWritten) {
  const gptnas_test::TemporaryFolder folder;
  EXPECT_EQ(folder.refusal([&] { write_weights(Parts().model, folder.path() / "none" / "model.safetensors"); }),
            "none/model.safetensors: cannot be written; expected a writable folder");
  EXPECT_EQ(folder.files(), 0u);
}

}  // namespace gpt_weights_test
