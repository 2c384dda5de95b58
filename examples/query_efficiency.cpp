// How many queries until the best cell of NAS-Bench-201 is found? Ways to propose, by ways to choose among proposals.
//
// Every arm is run over the same seeds; the runs of a seed share their first ten cells. A search selects on validation
// accuracy after 200 epochs. Every label is a query; a cell that was asked before gets the label that was paid for. All
// arms that propose do it alike: a parent out of the five best is copied, and the proposer changes the copy. The table
// is that of nas_bench_201.cpp.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <limits>
#include <span>
#include <sstream>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <gptnas/core/write_file.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/evolution/distinct_tournament.hpp>
#include <gptnas/evolution/gene_mutation.hpp>
#include <gptnas/evolution/genetic_algorithm.hpp>
#include <gptnas/evolution/local_search.hpp>
#include <gptnas/evolution/mu_plus_lambda.hpp>
#include <gptnas/evolution/no_mutation.hpp>
#include <gptnas/evolution/one_gene_mutation.hpp>
#include <gptnas/evolution/random_search.hpp>
#include <gptnas/evolution/regularized_evolution.hpp>
#include <gptnas/proposers/cost_kernel.hpp>
#include <gptnas/proposers/gaussian_process_ranker.hpp>
#include <gptnas/proposers/gpt_proposer.hpp>
#include <gptnas/proposers/mean_kernel.hpp>
#include <gptnas/proposers/ngram_proposer.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/proposers/path_kernel.hpp>
#include <gptnas/proposers/uniform_proposer.hpp>
#include <gptnas/search/search.hpp>
#include <gptnas/spaces/nas_bench_201.hpp>
#include <gptnas/study/censored_quartiles.hpp>
#include <gptnas/study/holm.hpp>
#include <gptnas/study/mcnemar.hpp>
#include <gptnas/study/summary.hpp>
#include <gptnas/study/vargha_delaney.hpp>
#include <gptnas/study/wilcoxon.hpp>
#include <gptnas/study/wilson_interval.hpp>
#include <gptnas/trainers/tabular_trainer.hpp>

namespace nas = gptnas;

using Space = nas::NasBench201;
using Trainer = nas::TabularTrainer<Space>;

constexpr std::size_t initial = 10, limit = 300;
constexpr std::size_t checkpoints[] = {25, 50, 100, 150, 192, 300};

// ---- What is compared ----

// Fills the initial population at random, so that all arms share it, and leaves the rest to another proposer.
template <class Proposer>
struct SharedStart {
  Space::Genome propose(nas::RandomStream& random) { return nas::sample<Space::Genome>(random); }
  void reconstruct(Space::Genome& genome, double progress, nas::RandomStream& random) {
    proposer.reconstruct(genome, progress, random);
  }
  void observe(const nas::Individual<Space>& individual, std::span<const double> fitness) {
    proposer.observe(individual, fitness);
  }

  Proposer proposer;
};

struct CellCost {
  double operator()(const Space::Genome& cell) const {
    return static_cast<double>(Space::cell_multiply_accumulates(cell)) / (16 * 32 * 16 * 32);
  }
};
using Kernel = nas::MeanKernel<nas::HammingKernel<Space::Genome>, nas::PathKernel<Space>,
                               nas::CostKernel<Space::Genome, CellCost>>;
using GaussianProcess = nas::GaussianProcessRanker<Space, Kernel>;

template <class Mutation>
using FiveBest =
    nas::GeneticAlgorithm<Space, nas::Tournament<2>, nas::UniformCrossover, Mutation, nas::MuPlusLambda>;

template <class Mutation>
FiveBest<Mutation> five_best() {
  return FiveBest<Mutation>{{.population = 5, .initial = initial, .offspring = 1, .crossover_rate = 0}};
}

// ---- One run ----

struct Run {
  std::size_t queries = std::numeric_limits<std::size_t>::max();  // until the best cell was found
  std::vector<double> regret;                                     // of validation, after each query
  double test_accuracy = 0;                                       // of the cell that is chosen in the end
  double milliseconds = 0;                                        // a query, learning included, pre-training not
};

// Ends a run that has found the best cell.
struct EndAtTheBest {
  template <class Evaluated>
  void observe(const Evaluated& evaluated, const nas::SearchProgress&) {
    if (evaluated.outcome.measured()->objectives[0] == best) stop.request_stop();
  }

  double best;
  std::stop_source& stop;
};

template <class Proposer, class Strategy, class Ranker>
Run run(const Trainer& trainer, double best, std::uint64_t seed, Proposer proposer, Strategy strategy, Ranker ranker) {
  nas::Search<Space, Proposer, Trainer, Strategy, nas::InlineExecutor, nas::TellAgain, Ranker> search{
      {.seed = seed, .expected_evaluations = limit}, proposer, trainer, std::move(strategy), {}, {}, std::move(ranker)};
  std::stop_source stop;
  const auto result = search.run({.evaluations = limit}, EndAtTheBest{best, stop}, stop.get_token());
  Run run;
  run.milliseconds = 1000 * result.seconds / static_cast<double>(result.evaluations);
  run.test_accuracy = result.best().outcome.measured()->metrics[0];
  double regret = std::numeric_limits<double>::infinity();
  for (const auto& entry : result.history) {
    if (entry.repeated) continue;
    regret = std::min(regret, best - entry.outcome.measured()->objectives[0]);
    run.regret.push_back(regret);
    if (regret == 0) run.queries = run.regret.size();
  }
  run.regret.resize(limit, regret);
  return run;
}

// ---- Arms ----

struct Arm {
  std::string name;
  std::function<Run(const Trainer&, double best, std::uint64_t seed)> run;
  std::vector<Run> runs = {};

  std::vector<double> queries() const {
    std::vector<double> values;
    for (const Run& each : runs) values.push_back(static_cast<double>(std::min(each.queries, limit + 1)));
    return values;
  }
  std::size_t found_by(std::size_t budget) const {
    return static_cast<std::size_t>(
        std::count_if(runs.begin(), runs.end(), [&](const Run& each) { return each.queries <= budget; }));
  }
};

template <class MakeProposer, class MakeStrategy, class Ranker>
Arm arm(std::string name, MakeProposer proposer, MakeStrategy strategy, Ranker ranker) {
  return {std::move(name), [=](const Trainer& trainer, double best, std::uint64_t seed) {
            return run(trainer, best, seed, proposer(seed), strategy(), ranker);
          }};
}

// The four ways to propose, with one way to choose.
template <class Ranker>
void add_proposers(std::vector<Arm>& arms, const std::string& suffix, Ranker ranker) {
  constexpr nas::Elimination elimination{.initial_rate = 0.6, .final_rate = 0.6};
  const auto copies = [] { return five_best<nas::NoMutation>(); };
  arms.push_back(arm("mutation" + suffix, [](std::uint64_t) { return nas::NoProposer<Space>(); },
                     [] { return five_best<nas::GeneMutation>(); }, ranker));
  arms.push_back(arm("uniform" + suffix,
                     [=](std::uint64_t) { return nas::UniformProposer<Space>{elimination}; }, copies, ranker));
  arms.push_back(arm("n-gram" + suffix,
                     [=](std::uint64_t) {
                       return SharedStart<nas::NGramProposer<Space>>{
                           nas::NGramProposer<Space>({.elimination = elimination})};
                     },
                     copies, ranker));
  arms.push_back(arm("GPT" + suffix,
                     [=](std::uint64_t seed) {
                       return SharedStart<nas::GptProposer<Space>>{
                           nas::GptProposer<Space>({.seed = seed, .elimination = elimination})};
                     },
                     copies, ranker));
}

std::vector<Arm> all_arms() {
  std::vector<Arm> arms;
  const auto none = [](std::uint64_t) { return nas::NoProposer<Space>(); };
  const nas::NoRanker each;
  arms.push_back(arm("random search", none, [] { return nas::RandomSearch<Space>(); }, each));
  arms.push_back(arm("local search", none, [] { return nas::LocalSearch<Space>({.initial = initial}); }, each));
  using Regularized = nas::RegularizedEvolution<Space, nas::DistinctTournament<3>, nas::OneGeneMutation>;
  arms.push_back(arm("regularized evolution", none, [] { return Regularized({.population = initial}); }, each));
  arms.push_back(arm("genetic algorithm", none,
                     [] { return nas::GeneticAlgorithm<Space>({.population = initial}); }, each));
  add_proposers(arms, "", each);
  add_proposers(arms, " + GP", GaussianProcess());
  return arms;
}

// ---- Tables ----

std::string number(double value, int decimals) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(decimals) << value;
  return text.str();
}

void print_arms(const std::vector<Arm>& arms) {
  std::cout << std::left << std::setw(23) << "arm" << std::right;
  for (const std::size_t budget : checkpoints) std::cout << std::setw(6) << budget;
  std::cout << "  at 100, 95 %  median  regret    test  ms a query\n";
  for (const Arm& each : arms) {
    const std::size_t runs = each.runs.size();
    std::cout << std::left << std::setw(23) << each.name << std::right;
    for (const std::size_t budget : checkpoints) {
      const double share = static_cast<double>(each.found_by(budget)) / static_cast<double>(runs);
      std::cout << std::setw(5) << number(100 * share, 0) << '%';
    }
    const nas::Interval interval = nas::wilson_interval(each.found_by(100), runs);
    const auto median = nas::censored_quartiles(each.queries(), static_cast<double>(limit)).median;
    std::vector<double> regret, test, milliseconds;
    for (const Run& run : each.runs) {
      regret.push_back(run.regret.back());
      test.push_back(run.test_accuracy);
      milliseconds.push_back(run.milliseconds);
    }
    std::cout << std::setw(14) << number(100 * interval.lower, 0) + " to " + number(100 * interval.upper, 0)
              << std::setw(8) << (median ? number(*median, 0) : "> 300") << std::setw(8)
              << number(nas::summarize(regret).mean, 3) << std::setw(8) << number(nas::summarize(test).mean, 3)
              << std::setw(12) << number(nas::summarize(milliseconds).mean, 2) << '\n';
  }
}

// The family of comparisons, named in advance: the GPT without a ranker against what has none, and with one against
// the other proposers with the same.
nlohmann::ordered_json print_comparisons(const std::vector<Arm>& arms) {
  const auto find = [&](const std::string& name) -> const Arm& {
    return *std::find_if(arms.begin(), arms.end(), [&](const Arm& each) { return each.name == name; });
  };
  std::vector<std::pair<std::string, std::string>> family;
  for (const char* other : {"random search", "local search", "regularized evolution", "genetic algorithm", "mutation",
                            "uniform", "n-gram"}) {
    family.emplace_back("GPT", other);
  }
  for (const char* other : {"mutation + GP", "uniform + GP", "n-gram + GP"}) family.emplace_back("GPT + GP", other);

  std::vector<double> p;
  for (const auto& [first, second] : family) {
    p.push_back(nas::wilcoxon(find(first).queries(), find(second).queries()).p);
  }
  const std::vector<double> adjusted = nas::holm(p);
  std::cout << "\nqueries to the best cell, paired by seed; found at 100 by McNemar's test; "
            << "A12 above 0.5: fewer queries\n"
            << std::left << std::setw(36) << "comparison" << std::right << std::setw(12) << "Wilcoxon p"
            << std::setw(12) << "after Holm" << std::setw(12) << "McNemar p" << std::setw(8) << "A12" << '\n';
  nlohmann::ordered_json record = nlohmann::ordered_json::array();
  for (std::size_t test = 0; test < family.size(); ++test) {
    const Arm &first = find(family[test].first), &second = find(family[test].second);
    std::vector<char> found, other_found;
    for (std::size_t i = 0; i < first.runs.size(); ++i) {
      found.push_back(first.runs[i].queries <= 100);
      other_found.push_back(second.runs[i].queries <= 100);
    }
    const double share = nas::mcnemar(found, other_found).p;
    const double effect = nas::vargha_delaney(second.queries(), first.queries());
    std::cout << std::left << std::setw(36) << family[test].first + " against " + family[test].second << std::right
              << std::scientific << std::setprecision(1) << std::setw(12) << p[test] << std::setw(12) << adjusted[test]
              << std::setw(12) << share << std::setw(8) << number(effect, 2) << '\n';
    record.push_back({{"first", family[test].first},
                      {"second", family[test].second},
                      {"wilcoxon_p", p[test]},
                      {"holm_p", adjusted[test]},
                      {"mcnemar_p", share},
                      {"a12", effect}});
  }
  return record;
}

// Quartiles of the regret after each query.
std::string regret_curves(const std::vector<Arm>& arms) {
  std::ostringstream text;
  text << "arm,query,lower_quartile,median,upper_quartile\n";
  for (const Arm& each : arms) {
    for (std::size_t query = 0; query < limit; ++query) {
      std::vector<double> values;
      for (const Run& run : each.runs) values.push_back(run.regret[query]);
      const auto quartiles = nas::censored_quartiles(values);
      text << each.name << ',' << query + 1 << ',' << *quartiles.lower << ',' << *quartiles.median << ','
           << *quartiles.upper << '\n';
    }
  }
  return text.str();
}

nlohmann::ordered_json to_json(const std::vector<Arm>& arms) {
  nlohmann::ordered_json record;
  for (const Arm& each : arms) {
    nlohmann::ordered_json& entry = record[each.name];
    for (const std::size_t budget : checkpoints) entry["found"][std::to_string(budget)] = each.found_by(budget);
    entry["queries"] = each.queries();
  }
  return record;
}

int main(int argc, char** argv) {
  std::filesystem::path data = "../shared/data", json, csv;
  std::string dataset = "cifar10";
  std::size_t seeds = 200;
  std::uint64_t first_seed = 1;
  CLI::App app("Queries until the best cell of NAS-Bench-201 is found, by proposer and ranker");
  app.add_option("--data", data, "folder with nas_bench_201.csv or nas_bench_201.csv.gz")->capture_default_str();
  app.add_option("--dataset", dataset, "cifar10 or cifar100")
      ->check(CLI::IsMember({"cifar10", "cifar100"}))
      ->capture_default_str();
  CLI::Option* const seeds_option = app.add_option("--seeds", seeds, "runs an arm, at least 1")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
      ->capture_default_str();
  app.add_option("--first-seed", first_seed, "of the runs")->capture_default_str();
  app.add_flag_callback("--quick", [&] { seeds = 20; }, "20 seeds")->excludes(seeds_option);
  app.add_option("--json", json, "write the figures to this file");
  app.add_option("--csv", csv, "write the quartiles of the regret after each query to this file");
  CLI11_PARSE(app, argc, argv);

  try {
    const auto plain = data / "nas_bench_201.csv";
    const nas::Table table(std::filesystem::exists(plain) ? plain : data / "nas_bench_201.csv.gz");
    const std::string prefix = dataset == "cifar10" ? "c10" : "c100";
    const Trainer trainer(table, "ops", prefix + "_valid_200", prefix + "_test_200");
    const double best = trainer.best_validation();

    std::vector<Arm> arms = all_arms();
    for (Arm& each : arms) {
      each.runs.resize(seeds);
      nas::ThreadExecutor().for_each(
          seeds, [&](std::size_t index) { each.runs[index] = each.run(trainer, best, first_seed + index); });
      std::cerr << each.name << ": " << seeds << " runs done\n";
    }
    std::cout << dataset << ", " << seeds << " runs an arm, up to " << limit
              << " queries; share of runs that found the best cell, by queries\n";
    print_arms(arms);
    nlohmann::ordered_json record = {{"dataset", dataset}, {"seeds", seeds}, {"first_seed", first_seed}};
    record["comparisons"] = print_comparisons(arms);
    record["arms"] = to_json(arms);
    if (!json.empty()) nas::write_file(json, record.dump(2) + "\n");
    if (!csv.empty()) nas::write_file(csv, regret_curves(arms));
  } catch (const std::exception& error) {
    std::cerr << "query_efficiency: " << error.what() << '\n';
    return 1;
  }
}
