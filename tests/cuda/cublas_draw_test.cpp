// Tokens that the GPU draws, against those that the processor draws with the same streams.
#include <gptnas/cuda/cublas_backend.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <gptnas/core/standard_normal.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/grammar_graph.hpp>
#include <gptnas/genome/prefix.hpp>
#include <gptnas/genome/reflection.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/genome/tokens.hpp>
#include <gptnas/gpt/generate_genomes.hpp>
#include <gptnas/proposers/gpt_proposer.hpp>
#include <gptnas/proposers/quality_conditioned.hpp>

#include "../genome/constrained_shapes.hpp"
#include "../message_of.hpp"
#include "cublas_backends.hpp"

namespace gptnas_test {

namespace {

using namespace gptnas;
using Machine = CublasBackend<>;

struct Item {
  BOOST_HANA_DEFINE_STRUCT(Item, (Choice<1, 2, 3>, a), (Choice<4, 5>, b));
};
struct Items {
  BOOST_HANA_DEFINE_STRUCT(Items, (Sequence<Item, 1, 3>, items));
};

template <class Genome>
class CublasDraw : public CudaTest {
 protected:
  /// Fails unless both are the same; or where they first differ, rounding decides: from logits that are off by up to
  /// 1e-4 the processor, too, draws the token of `other`.
  template <class Model>
  static void expect_same(const Model& oracle, const Genome& genome, const Genome& other, Prefix<Genome> prefix,
                          RandomStream random, const DrawSettings& settings, Token head = start_token) {
    const auto tokens = encode(genome), others = encode(other);
    GptSampler sampler(oracle);
    sampler.push(head);
    for (std::size_t place = 0; place < tokens.size(); ++place) {
      const bool forced = std::count(prefix.legal().begin(), prefix.legal().end(), true) == 1;
      if (tokens[place] != others[place]) {
        std::size_t same = 0;
        RandomStream error(1);
        for (int attempt = 0; attempt < 100; ++attempt) {
          std::array<float, Model::Sizes::vocabulary> logits;
          for (std::size_t token = 0; token < logits.size(); ++token) {
            logits[token] = sampler.logits()[token] + static_cast<float>(2e-4 * error.uniform() - 1e-4);
          }
          RandomStream copy = random;
          same += others[place] == sample_token(std::span<const float, Model::Sizes::vocabulary>(logits),
                                                prefix.legal(), settings.sampling, copy);
        }
        EXPECT_GT(same, 0u) << print(genome) << " and " << print(other) << " differ at token " << place;
        return;
      }
      if (!(forced && settings.spares_forced) && settings.sampling.temperature != 0) random.uniform();
      prefix.push(tokens[place]);
      if (!prefix.complete()) sampler.push(tokens[place]);
    }
  }
};
using Genomes = testing::Types<Items, shapes::Bounded>;
TYPED_TEST_SUITE(CublasDraw, Genomes);

TYPED_TEST(CublasDraw, GenomesAreThoseOfTheProcessor) {
  using Size = GptSize<vocabulary_size<TypeParam>, Layout<TypeParam>::max_tokens, 8, 1, 2>;
  const RandomStream random(1);
  Gpt<Size> oracle(random);
  Gpt<Size, Machine> model(random);
  std::vector<float> parameters(Size::parameters);
  RandomStream far(2);
  for (float& value : parameters) value = static_cast<float>(0.3 * standard_normal(far));
  oracle.set_parameters(parameters);
  model.set_parameters(parameters);
  GptSampler oracle_sampler(oracle, 16);
  GptSampler sampler(model, 9);  // 13 genomes fill them once and a half
  for (const SamplingOptions& sampling : {SamplingOptions{}, SamplingOptions{.temperature = 0},
                                          SamplingOptions{.temperature = 1.5, .top_k = 3, .top_p = 0.9}}) {
    const GenerateGenomesOptions options{.seed = 9, .sampling = sampling};
    const auto expected = generate_genomes<TypeParam>(oracle_sampler, 13, options);
    const auto drawn = generate_genomes<TypeParam>(sampler, 13, options);
    ASSERT_EQ(drawn.size(), 13u);
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      this->expect_same(oracle, expected[i], drawn[i], Prefix<TypeParam>(), RandomStream(9, i, Purpose::sample),
                        {sampling});
    }
  }
}

struct Space {
  using Genome = shapes::Bounded;
};
class CublasDrawProposals : public CublasDraw<Space::Genome> {
 protected:
  /// With a GPT that learns nothing, as its learning rate is 0, but what to ask for.
  template <class Conditioning>
  static void expect_those_of_the_processor() {
    const GptProposerOptions options{.elimination = {.initial_rate = 0.5},
                                     .sampling = {.top_p = 0.95},
                                     .corpus = 1,
                                     .pretraining_steps = 0,
                                     .interval = 1,
                                     .lesson_steps_per_token = 0.1,
                                     .lesson_learning_rate = {.peak = 0}};
    using Genome = Space::Genome;
    using Format = GptFormat<Genome, Conditioning>;
    using Size = GptSize<Format::vocabulary, Format::context, 8, 1, 2>;
    GptProposer<Space, EigenBackend<float>, Conditioning, LeftToRight, Size> expected(options);
    GptProposer<Space, Machine, Conditioning, LeftToRight, Size> actual(options);
    const Gpt<Size> oracle{RandomStream(options.seed, 0, Purpose::initialize)};
    const DrawSettings settings{options.sampling, true};
    RandomStream measured(3);
    const Individual<Space> individual{.genome = sample<Genome>(measured)};
    for (std::uint64_t id = 0; id < 8; ++id) {
      if (id == 2) {
        expected.observe(individual, std::array{1.0});
        actual.observe(individual, std::array{1.0});
      }
      const Token head = expected.gpt().best_head();
      RandomStream random(4, id), own = random;
      const RandomStream before = random;
      const Genome proposal = expected.propose(random), other = actual.propose(own);
      expect_same(oracle, proposal, other, Prefix<Genome>(), before, settings, head);
      if (!Equal{}(proposal, other)) continue;
      EXPECT_EQ(random(), own());  // it goes on

      RandomStream choosing = random;
      const auto chosen = choose_components(proposal, 0.5, choosing);
      PartialGenome<Genome> kept(proposal);
      for (const ComponentSite& component : chosen) kept.open(component);
      Genome genome = proposal, another = proposal;
      expected.reconstruct(genome, 0, random);
      actual.reconstruct(another, 0, own);
      expect_same(oracle, genome, another, Prefix<Genome>(kept), choosing, settings, head);
      EXPECT_TRUE(!Equal{}(genome, another) || random() == own());
    }
  }
};

TEST_F(CublasDrawProposals, AreThoseOfTheProcessor) { expect_those_of_the_processor<Unconditioned>(); }
TEST_F(CublasDrawProposals, AskForTheBest) { expect_those_of_the_processor<QualityConditioned<3>>(); }

class CublasDrawErrors : public CudaTest {};

TEST_F(CublasDrawErrors, AreSentences) {
  using Size = GptSize<vocabulary_size<Items>, Layout<Items>::max_tokens, 8, 1, 2>;
  const Gpt<Size, Machine> model{RandomStream(1)};
  GptSampler sampler(model, 2);
  TokenGraph graph = grammar_graph<Items>();
  std::vector<RandomStream> streams(2, RandomStream(1));
  std::vector<std::int32_t> drawn(2 * Size::context);
  sampler.draw(graph, 0, {}, streams, drawn);
  const auto refused = [&](const std::string& what, const SamplingOptions& sampling = {}) {
    const std::string said =
        message_of<std::invalid_argument>([&] { sampler.draw(graph, 0, {sampling}, streams, drawn); });
    EXPECT_NE(said.find(what), std::string::npos) << said;
  };
  refused("top_p is 0", {.top_p = 0});
  EXPECT_EQ(message_of<std::invalid_argument>([&] { sampler.draw(graph, Size::vocabulary, {}, streams, drawn); }),
            "GptSampler::draw: first token is 7; expected below 7");
  drawn.pop_back();
  refused("size of drawn is 13; expected 14");
  graph.longest = 8;
  drawn.push_back(0);
  refused("longest sequence of the graph is 8");
  streams.clear();
  refused("number of streams is 0; expected 1 to 2");
}

}  // namespace

}  // namespace gptnas_test
