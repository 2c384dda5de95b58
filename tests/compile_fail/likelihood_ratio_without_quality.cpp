// expect: gptnas::LikelihoodRatioRanker needs a GenomeGpt that is QualityConditioned; see docs/concepts.md#ranker
#include <gptnas/proposers/likelihood_ratio_ranker.hpp>

struct Space {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Repeat<gptnas::Choice<1, 2>, 3>, genes));
  };
};

gptnas::LikelihoodRatioRanker<Space, gptnas::GenomeGpt<Space::Genome>> ranker;
