// expect: gptnas: the conditioning of a GPT must be Unconditioned or a QualityConditioned; see docs/concepts.md#proposer
#include <gptnas/proposers/gpt_proposer.hpp>

struct Space {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Repeat<gptnas::Choice<1, 2>, 3>, genes));
  };
};

gptnas::GptProposer<Space, gptnas::EigenBackend<float>, gptnas::GptSize<3, 3, 32, 2, 2>> proposer;
