// Searches a table of your own measurements: a CSV, plain or .gz, with a row for each genome of the struct below.
//
// To search yours, replace that struct. The columns are the struct's members by their paths, `stem` and
// `blocks[0].kernel`, and hold the genes' values: names of enumerators, or those that their `name_of` gives them,
// integers, true or false. Where a row has fewer blocks, the fields of the others are empty. Or one column, --key,
// holds the digits of all genes: the index of each gene's value, from 0. docs/concepts.md#tables-of-your-own has the
// rules.
//
// Of three or more numbers that ascend or descend, the ranker takes neighbours for alike: make labels an enumeration.
//
// `sh cmake/build.sh release tabular_search`, in the project, makes build/release/examples/tabular_search. For the CSV
//
//     stem,blocks[0].op,blocks[0].kernel,blocks[1].op,blocks[1].kernel,residual,accuracy
//     16,conv,3,,,true,88.1
//     32,max_pool,5,conv,3,false,90.7
//
// run it as `tabular_search --table measured.csv --select accuracy --incomplete`.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <gptnas/core/errors.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/evolution/regularized_evolution.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/proposers/gaussian_process_ranker.hpp>
#include <gptnas/proposers/gpt_proposer.hpp>
#include <gptnas/proposers/ngram_proposer.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/proposers/no_ranker.hpp>
#include <gptnas/proposers/restricted_proposer.hpp>
#include <gptnas/proposers/uniform_proposer.hpp>
#include <gptnas/search/interrupt.hpp>
#include <gptnas/search/progress_line.hpp>
#include <gptnas/search/search.hpp>
#include <gptnas/trainers/genome_table_trainer.hpp>

namespace nas = gptnas;

// ---- The search space: 1,032 genomes ----

enum class Op : std::uint8_t { conv, depthwise, max_pool };

struct Block {
  BOOST_HANA_DEFINE_STRUCT(Block,
    (nas::Choice<Op::conv, Op::depthwise, Op::max_pool>, op),
    (nas::Choice<3, 5>, kernel));
};

struct MySpace {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome,
      (nas::Choice<16, 32>, stem),
      (nas::Sequence<Block, 1, 3>, blocks),
      (nas::Choice<false, true>, residual));
  };
};

// ---- The program ----

struct Options {
  std::string table;
  nas::GenomeTableColumns columns;
  bool minimize = false;
  std::size_t evaluations = 100;
  std::uint64_t seed = 1;
  std::string proposer = "gpt", ranker = "gp";
};

template <class Trainer>
using Result = nas::SearchResult<MySpace, Trainer>;

template <class Trainer, class Proposer, class Ranker>
Result<Trainer> search_with(Proposer proposer, Ranker ranker, const Options& options, const Trainer& trainer,
                            std::stop_token stop) {
  using Rows = nas::RestrictedProposer<MySpace, Proposer>;
  using Strategy = nas::RegularizedEvolution<MySpace, nas::DistinctTournament<3>>;
  const std::vector<MySpace::Genome>& genomes = trainer.genomes().genomes();
  Rows rows(std::move(proposer), genomes);
  nas::Search<MySpace, Rows, Trainer, Strategy, nas::InlineExecutor, nas::TellAgain, Ranker> search{
      {.seed = options.seed},
      rows,
      trainer,
      Strategy{{.population = std::min<std::size_t>(10, options.evaluations)}},
      {},
      {},
      std::move(ranker)};
  return search.run({.evaluations = options.evaluations}, nas::ProgressLine{}, stop);
}

template <class Trainer, class Ranker>
Result<Trainer> search_ranked_by(Ranker ranker, const Options& options, const Trainer& trainer, std::stop_token stop) {
  const auto with = [&](auto proposer) { return search_with(std::move(proposer), ranker, options, trainer, stop); };
  if (options.proposer == "ngram") return with(nas::NGramProposer<MySpace>{});
  if (options.proposer == "uniform") return with(nas::UniformProposer<MySpace>{});
  if (options.proposer == "none") return with(nas::NoProposer<MySpace>{});
  if (options.columns.complete) return with(nas::GptProposer<MySpace>{{.seed = options.seed}});
  // Which genomes have a row is known without a query: the GPT reads them.
  return with(nas::GptProposer<MySpace>{{.seed = options.seed}, trainer.genomes().genomes()});
}

template <class Trainer>
Result<Trainer> search(const Options& options, const Trainer& trainer, std::stop_token stop) {
  if (options.ranker == "none") return search_ranked_by(nas::NoRanker{}, options, trainer, stop);
  return search_ranked_by(nas::GaussianProcessRanker<MySpace>{}, options, trainer, stop);
}

template <class Trainer>
void print(const Result<Trainer>& result, const Options& options, const Trainer& trainer) {
  const std::string& select = options.columns.select;
  const std::string report = options.columns.report.empty() ? select : options.columns.report;
  const auto width = [](const std::string& name) { return std::max(12, static_cast<int>(name.size()) + 2); };
  std::cout << std::setprecision(8) << "\nThe best genomes found, by " << select << ":\n"
            << std::setw(width(select)) << select;
  if (report != select) std::cout << std::setw(width(report)) << report;
  std::cout << "  genome\n";
  for (const auto& entry : result.best(5)) {
    const nas::Measured& measured = *entry.outcome.measured();
    std::cout << std::setw(width(select)) << measured.objectives[0];
    if (report != select) std::cout << std::setw(width(report)) << measured.metrics[0];
    std::cout << "  " << nas::print(entry.genome) << '\n';
  }

  std::size_t queries = 0;  // until the best one
  for (const auto& entry : result.history) {
    queries += !entry.repeated;
    if (entry.id == result.best().id) break;
  }
  std::size_t better = 0;
  const double fitness = *result.best().fitness();
  for (std::size_t row = 0; row < trainer.genomes().genomes().size(); ++row) {
    better += Trainer::objectives[0].fitness(trainer.selected(row)) > fitness;
  }
  std::cout << "\nThe best one was found by query " << queries << " of " << result.evaluations << " ("
            << to_string(result.reason) << "); ";
  if (better == 0) {
    std::cout << "none of the table is better\n";
  } else {
    std::cout << "of the table, " << better << " are better, the best one has " << trainer.selected(*trainer.best_row())
              << '\n';
  }
}

template <nas::Direction direction>
void run(Options options, std::stop_token stop) {
  using Trainer = nas::GenomeTableTrainer<MySpace, direction>;
  const Trainer trainer(nas::Table(options.table), options.columns);
  const std::size_t rows = trainer.genomes().genomes().size();
  if (rows == 0) throw nas::FileError(options.table, "0 rows; expected at least 1");
  options.evaluations = std::min(options.evaluations, rows);
  std::cout << "Searching the " << rows << " rows of " << options.table << " for the "
            << (direction == nas::Direction::maximize ? "largest " : "smallest ") << options.columns.select
            << ", proposer " << options.proposer << ", ranker " << options.ranker << ", seed " << options.seed
            << ", with " << options.evaluations << " queries" << std::endl;
  const Result<Trainer> result = search(options, trainer, stop);
  if (result.history.empty()) throw std::runtime_error("interrupted before the first query");
  print(result, options, trainer);
}

int main(int argc, char** argv) {
  const nas::Interrupt interrupt;
  Options options;
  constexpr std::uint64_t limit = 1'000'000'000;
  const CLI::Range from_zero(std::uint64_t{0}, limit), from_one(std::uint64_t{1}, limit);
  bool incomplete = false;
  CLI::App app("Searches a table of your own for its best row");
  app.add_option("--table", options.table, "CSV, or .csv.gz: a row for each genome of the space")->required();
  app.add_option("--key", options.columns.digits,
                 "column with the digits of all genes; without it, there is a column for each gene");
  app.add_option("--select", options.columns.select, "column that the search optimises")->required();
  app.add_option("--report", options.columns.report, "column that is shown beside it");
  app.add_flag("--minimize", options.minimize, "smaller values are better");
  app.add_flag("--incomplete", incomplete,
               "the table lacks genomes of the space: those that it has are searched");
  app.add_option("--evaluations", options.evaluations, "queries of the table; with --ranker gp a thousand take minutes")
      ->check(from_one)
      ->capture_default_str();
  app.add_option("--seed", options.seed, "the same seed gives the same search")
      ->check(from_zero)
      ->capture_default_str();
  app.add_option("--proposer", options.proposer, "who proposes components: gpt, ngram, uniform or none")
      ->check(CLI::IsMember({"gpt", "ngram", "uniform", "none"}))
      ->capture_default_str();
  app.add_option("--ranker", options.ranker,
                 "who chooses among proposals: gp, a Gaussian process, or none, so that each is a query")
      ->check(CLI::IsMember({"gp", "none"}))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  options.columns.complete = !incomplete;
  try {
    if (options.minimize) {
      run<nas::Direction::minimize>(options, interrupt.token());
    } else {
      run<nas::Direction::maximize>(options, interrupt.token());
    }
  } catch (const std::exception& error) {
    std::cerr << "tabular_search: " << error.what() << '\n';
    return 1;
  }
  return interrupt.token().stop_requested() ? 130 : 0;
}
