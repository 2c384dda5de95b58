#include <gptnas/gpt/gpt_checkpoint.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "../message_of.hpp"
#include "../temporary_folder.hpp"

namespace gpt_checkpoint_test {

using namespace gptnas;
using gptnas_test::message_of;
using gptnas_test::TemporaryFolder;
using Size = GptSize<4, 16, 16, 2, 2>;
using Model = Gpt<Size>;
using Sequences = std::vector<std::vector<std::uint8_t>>;

class GptCheckpoint : public testing::Test {
 protected:
  GptCheckpoint() {
    RandomStream random(5);
    for (auto* const sequences : {&training_, &validation_}) {
      sequences->resize(23);
      for (auto& sequence : *sequences) {
        sequence.resize(2 + random.below(16));
        for (auto& token : sequence) token = static_cast<std::uint8_t>(random.below(4));
      }
    }
  }

  static std::vector<float> parameters(const Model& model) {
    std::vector<float> values(Size::parameters);
    model.backend().read(model.parameters().slice(0, Size::parameters), std::span(values));
    return values;
  }

  Sequences training_, validation_;
  const FitOptions options_{.steps = 40, .learning_rate = {.peak = 1e-2, .last = 0.1}, .validation_interval = 7};
  const TemporaryFolder folder_;
  const std::string path_ = folder_.path() / "checkpoint.safetensors";
};

TEST_F(GptCheckpoint, GoesOnToTheSameBits) {
  const GptFitterOptions options{.batch_size = 4, .dropout = 0.1};
  Model model{RandomStream(1)};
  GptFitter<Model> fitter(options);
  RandomStream random(2);
  const auto losses = fitter.fit(model, training_, validation_, options_, random);
  for (const std::size_t last : {1u, 6u, 7u, 25u, 40u}) {
    {
      Model stopped{RandomStream(1)};
      GptFitter<Model> its_fitter(options);
      RandomStream again(2);
      const auto stop = [&](const FitProgress& progress) {
        if (progress.step < last) return;
        write_checkpoint(stopped, its_fitter, path_);
        throw std::runtime_error("stop");
      };
      EXPECT_THROW(its_fitter.fit(stopped, training_, validation_, options_, again, stop), std::runtime_error);
    }
    Model resumed{RandomStream(3)};
    GptFitter<Model> its_fitter(options);
    read_checkpoint(resumed, its_fitter, path_);
    const auto rest = its_fitter.resume(resumed, training_, validation_, options_);
    EXPECT_EQ(rest, std::vector<float>(losses.begin() + static_cast<std::ptrdiff_t>(last), losses.end()));
    EXPECT_EQ(parameters(resumed), parameters(model)) << "stopped after step " << last;
  }
}

TEST_F(GptCheckpoint, RefusesWhatIsNone) {
  Model model{RandomStream(1)};
  GptFitter<Model> fitter({.batch_size = 4});
  const auto before = parameters(model);
  const auto refusal = [&] { return message_of<FileError>([&] { read_checkpoint(model, fitter, path_); }); };

  write_weights(model, path_);
  EXPECT_EQ(refusal(), path_ + ": metadata \"seed\" is \"\"; expected a number");

  Gpt<GptSize<4, 16, 16, 1, 2>> shallow{RandomStream(1)};
  write_checkpoint(shallow, GptFitter<Gpt<GptSize<4, 16, 16, 1, 2>>>{}, path_);
  EXPECT_EQ(refusal(), path_ + ": metadata \"n_layer\" is \"1\"; expected \"2\"");

  Gpt<Size, EigenBackend<double>> precise{RandomStream(1)};
  write_checkpoint(precise, GptFitter<Gpt<Size, EigenBackend<double>>>{}, path_);
  EXPECT_NE(refusal().find("dtype is F64; expected F32, as the model computes"), std::string::npos) << refusal();

  write_checkpoint(model, fitter, path_);
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) / 2);
  EXPECT_THROW(read_checkpoint(model, fitter, path_), FileError);
  EXPECT_EQ(parameters(model), before);
  EXPECT_THROW(write_checkpoint(model, fitter, "/nowhere/at/all"), FileError);
}

}  // namespace gpt_checkpoint_test
