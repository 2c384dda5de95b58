// One of several mutations is one if each of them is.
// expect: gptnas::GeneticAlgorithm: the mutation must have void mutate(Genome&, RandomStream&) const; see docs/concepts.md#mutation
#include <gptnas/evolution/gene_mutation.hpp>
#include <gptnas/evolution/genetic_algorithm.hpp>
#include <gptnas/evolution/one_of.hpp>

struct Space {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride));
  };
};

struct Nothing {};

int main() {
  using Mutation = gptnas::OneOf<gptnas::GeneMutation, Nothing>;
  gptnas::GeneticAlgorithm<Space, gptnas::Tournament<2>, gptnas::UniformCrossover, Mutation> strategy;
}
