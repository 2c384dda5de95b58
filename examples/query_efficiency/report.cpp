#include "report.hpp"

#include <algorithm>
#include <cstddef>
#include <iomanip>
#include <iostream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gptnas/core/thread_executor.hpp>
#include <gptnas/study/censored_quartiles.hpp>
#include <gptnas/study/holm.hpp>
#include <gptnas/study/mcnemar.hpp>
#include <gptnas/study/non_inferiority.hpp>
#include <gptnas/study/summary.hpp>
#include <gptnas/study/vargha_delaney.hpp>
#include <gptnas/study/wilcoxon.hpp>
#include <gptnas/study/wilson_interval.hpp>

namespace query_efficiency {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t checkpoints[] = {25, 50, 100, 150, 192, 300};

std::string number(double value, int decimals) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(decimals) << value;
  return text.str();
}

std::string scientific(double value) {
  std::ostringstream text;
  text << std::scientific << std::setprecision(1) << value;
  return text.str();
}

using Line = std::vector<std::pair<std::string, int>>;  // cells, each with its least width

// The first cells of the lines are to the left, all as wide as the widest of them.
void print_table(const std::vector<Line>& lines) {
  int width = 0;
  for (const Line& line : lines) width = std::max({width, line[0].second, static_cast<int>(line[0].first.size())});
  for (const Line& line : lines) {
    std::cout << std::left << std::setw(width) << line[0].first << std::right;
    for (std::size_t i = 1; i < line.size(); ++i) std::cout << std::setw(line[i].second) << line[i].first;
    std::cout << '\n';
  }
}

Json optional(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json to_json(const nas::Summary& summary) {
  return {{"mean", summary.mean}, {"standard_error", summary.standard_error}};
}

// Nothing where a quartile is infinite: the best cell was not found.
Json quartiles(const std::vector<double>& values) {
  const auto found = nas::censored_quartiles(values);
  return {{"lower_quartile", optional(found.lower)},
          {"median", optional(found.median)},
          {"upper_quartile", optional(found.upper)},
          {"censored", found.censored}};
}

// ---- Arms ----

Json figures(const Study& study, const Arm& arm) {
  Json entry{{"runs", arm.runs.size()}};
  for (const std::size_t budget : checkpoints) {
    if (budget > study.limit) continue;
    const nas::Interval interval = nas::wilson_interval(arm.found_by(budget), arm.runs.size());
    const double share = static_cast<double>(arm.found_by(budget)) / static_cast<double>(arm.runs.size());
    entry["found"][std::to_string(budget)] = {{"share", share}, {"lower", interval.lower}, {"upper", interval.upper}};
    entry["regret"][std::to_string(budget)] =
        to_json(nas::summarize(arm.values([&](const Run& run) { return run.regret[budget - 1]; })));
  }
  entry["queries"] = quartiles(arm.values([](const Run& run) { return run.queries; }));
  entry["queries_by_the_other_key"] = quartiles(arm.values([](const Run& run) { return run.queries_by_other; }));
  entry["different_keys"] = nas::summarize(arm.values([](const Run& run) { return run.keys; })).mean;
  entry["different_other_keys"] = nas::summarize(arm.values([](const Run& run) { return run.other_keys; })).mean;
  entry["endpoint"] = to_json(nas::summarize(arm.values([&](const Run& run) { return run.endpoint(study.endpoint); })));
  entry["test_accuracy"] = to_json(nas::summarize(arm.values([](const Run& run) { return run.test_accuracy; })));
  entry["milliseconds_a_query"] = to_json(nas::summarize(arm.values([](const Run& run) { return run.milliseconds; })));
  return entry;
}

Json figures(const Study& study, const std::vector<Arm>& arms) {
  Json record;
  for (const Arm& arm : arms) record[arm.name] = figures(study, arm);
  return record;
}

void print_arms(const Json& arms, const Study& study) {
  Line head{{"found by", 25}};
  for (const std::size_t budget : checkpoints) {
    if (budget <= study.limit) head.emplace_back(std::to_string(budget), 6);
  }
  head.insert(head.end(), {{"95 % at 100", 14}, {"median", 8}, {"other key", 11}});
  for (const std::size_t budget : {50u, 150u, 300u}) {
    if (budget <= study.limit) head.emplace_back("regret " + std::to_string(budget), 12);
  }
  if (study.endpoint == Endpoint::log_regret) head.emplace_back("log10", 8);
  head.insert(head.end(), {{"test", 8}, {"ms", 8}});
  std::vector<Line> lines{head};
  for (const auto& [name, entry] : arms.items()) {
    Line line{{name, 0}};
    for (const auto& each : entry["found"]) line.emplace_back(number(100 * each["share"].get<double>(), 0) + "%", 6);
    const Json& interval = entry["found"]["100"];
    line.emplace_back(
        number(100 * interval["lower"].get<double>(), 0) + " to " + number(100 * interval["upper"].get<double>(), 0),
        14);
    for (const auto& [key, width] : {std::pair{"queries", 8}, std::pair{"queries_by_the_other_key", 11}}) {
      const Json& median = entry[key]["median"];
      line.emplace_back(median.is_null() ? "-" : number(median, 0), width);
    }
    for (const char* budget : {"50", "150", "300"}) {
      if (entry["regret"].contains(budget)) line.emplace_back(number(entry["regret"][budget]["mean"], 3), 12);
    }
    if (study.endpoint == Endpoint::log_regret) line.emplace_back(number(entry["endpoint"]["mean"], 3), 8);
    line.emplace_back(number(entry["test_accuracy"]["mean"], 3), 8);
    line.emplace_back(number(entry["milliseconds_a_query"]["mean"], 2), 8);
    lines.push_back(line);
  }
  print_table(lines);
}

// ---- Tests ----

const Arm& find(const std::vector<Arm>& arms, const std::string& name) {
  const auto found = std::find_if(arms.begin(), arms.end(), [&](const Arm& each) { return each.name == name; });
  if (found == arms.end()) throw std::logic_error("no arm is called " + name);
  return *found;
}

// What the GPT is compared with.
constexpr const char* other_proposers[] = {"mutation", "uniform", "n-gram"};

// The family of comparisons, named in advance: the GPT, with the default ranker and without, against the searches
// without a proposer, and with each ranker against the other proposers with the same.
std::vector<std::pair<const Arm*, const Arm*>> family(const Study& study) {
  std::vector<std::pair<const Arm*, const Arm*>> pairs;
  const auto add = [&](const std::string& ranker, const std::string& other) {
    pairs.emplace_back(&find(study.arms, arm_name("GPT", ranker)), &find(study.arms, other));
  };
  for (const char* ranker : {"", default_ranker}) {
    for (const char* other : {"random search", "local search", "regularized evolution", "genetic algorithm"}) {
      add(ranker, other);
    }
  }
  std::vector<std::string> rankers{""};
  for (const NamedRanker& ranker : study.rankers) rankers.push_back(ranker.name);
  for (const std::string& ranker : rankers) {
    for (const char* other : other_proposers) add(ranker, arm_name(other, ranker));
  }
  return pairs;
}

Json comparisons(const Study& study) {
  const auto pairs = family(study);
  const auto endpoint = [&](const Run& run) { return run.endpoint(study.endpoint); };
  std::vector<double> p;
  for (const auto& [first, second] : pairs) {
    p.push_back(nas::wilcoxon(first->values(endpoint), second->values(endpoint)).p);
  }
  const std::vector<double> adjusted = nas::holm(p);
  Json record = Json::array();
  for (std::size_t test = 0; test < pairs.size(); ++test) {
    const auto [first, second] = pairs[test];
    const auto found = [](const Arm& arm) {
      std::vector<bool> each;
      for (const Run& run : arm.runs) each.push_back(run.queries <= 100);
      return each;
    };
    record.push_back({{"first", first->name},
                      {"second", second->name},
                      {"wilcoxon_p", p[test]},
                      {"holm_p", adjusted[test]},
                      {"mcnemar_p", nas::mcnemar(found(*first), found(*second)).p},
                      {"a12", nas::vargha_delaney(second->values(endpoint), first->values(endpoint))}});
  }
  return record;
}

void print_comparisons(const Json& record) {
  std::vector<Line> lines{{{"comparison", 45}, {"Wilcoxon p", 12}, {"after Holm", 12}, {"McNemar p", 12}, {"A12", 8}}};
  for (const Json& test : record) {
    lines.push_back({{test["first"].get<std::string>() + " against " + test["second"].get<std::string>(), 0},
                     {scientific(test["wilcoxon_p"]), 12},
                     {scientific(test["holm_p"]), 12},
                     {scientific(test["mcnemar_p"]), 12},
                     {number(test["a12"], 2), 8}});
  }
  print_table(lines);
}

// Whether the GPT is not worse than the Gaussian process over other proposals: by three queries, or by 0.02 points of
// regret after 150 queries.
Json not_worse(const Study& study) {
  const bool by_queries = study.endpoint == Endpoint::queries;
  const auto value = [&](const Run& run) { return by_queries ? run.queries_or_limit() : run.regret[149]; };
  Json record = Json::array();
  const Arm& gpt = find(study.arms, arm_name("GPT", default_ranker));
  for (const char* other : other_proposers) {
    const Arm& reference = find(study.arms, arm_name(other, default_ranker));
    const double margin = by_queries ? 3 : 0.02;
    const auto ours = gpt.values(value), its = reference.values(value);
    record.push_back(
        {{"candidate", gpt.name},
         {"reference", reference.name},
         {"margin", margin},
         {"mean_difference", nas::summarize(ours).mean - nas::summarize(its).mean},
         {"p", nas::non_inferiority(ours, its, {.margin = margin, .direction = nas::Direction::minimize}).p}});
  }
  return record;
}

void print_not_worse(const Json& record) {
  std::vector<Line> lines{{{"not worse", 45}, {"by", 12}, {"p", 12}, {"difference", 12}}};
  for (const Json& test : record) {
    lines.push_back({{test["candidate"].get<std::string>() + " than " + test["reference"].get<std::string>(), 0},
                     {number(test["margin"], 2), 12},
                     {scientific(test["p"]), 12},
                     {number(test["mean_difference"], 3), 12}});
  }
  print_table(lines);
}

// ---- Proposers and rankers on their own ----

Json samples(const Study& study) {
  Json record = Json::array();
  for (const SampleQuality& each : study.samples()) {
    record.push_back(
        {{"proposer", each.proposer}, {"valid", each.valid}, {"unique", each.unique}, {"novel", each.novel}});
  }
  return record;
}

void print_samples(const Json& record) {
  std::vector<Line> lines{{{"of 1,000 samples", 25}, {"valid", 9}, {"unique", 9}, {"novel", 9}}};
  for (const Json& each : record) {
    lines.push_back({{each["proposer"], 0},
                     {number(100 * each["valid"].get<double>(), 1) + "%", 9},
                     {number(100 * each["unique"].get<double>(), 1) + "%", 9},
                     {number(100 * each["novel"].get<double>(), 1) + "%", 9}});
  }
  print_table(lines);
}

Json rank_qualities(const Study& study) {
  const std::size_t repetitions = std::min<std::size_t>(study.arms.front().runs.size(), 20);  // of few runs few
  Json record = Json::array();
  for (const NamedRanker& ranker : study.rankers) {
    for (const std::size_t labels : label_counts) {
      std::vector<double> tau(repetitions), precision(repetitions);
      nas::ThreadExecutor().for_each(repetitions, [&](std::size_t index) {
        const RankQuality quality = ranker.quality(labels, index + 1);
        tau[index] = quality.tau;
        precision[index] = quality.precision;
      });
      record.push_back({{"ranker", ranker.name},
                        {"labels", labels},
                        {"kendall_tau", to_json(nas::summarize(tau))},
                        {"top_50_precision", to_json(nas::summarize(precision))}});
    }
  }
  return record;
}

void print_rank_qualities(const Json& record) {
  std::vector<Line> lines{{{"of 500 random cells", 25}, {"labels", 9}, {"tau", 9}, {"top 50", 9}}};
  for (const Json& each : record) {
    lines.push_back({{each["ranker"], 0},
                     {std::to_string(each["labels"].get<std::size_t>()), 9},
                     {number(each["kendall_tau"]["mean"], 2), 9},
                     {number(each["top_50_precision"]["mean"], 2), 9}});
  }
  print_table(lines);
}

}  // namespace

Json report(const Study& study) {
  Json record{{"limit", study.limit}};
  std::cout << '\n'
            << study.name << ", " << study.arms.front().runs.size() << " runs an arm, up to " << study.limit
            << " queries\n";
  record["arms"] = figures(study, study.arms);
  print_arms(record["arms"], study);
  if (!study.transfer.empty()) {
    std::cout << "transfer: " << study.transfer << '\n';
    record["transfer"] = study.transfer;
  }
  if (!study.ablations.front().runs.empty()) {
    std::cout << '\n' << study.name << ", " << study.ablations.front().runs.size() << " runs an ablation\n";
    record["ablations"] = figures(study, study.ablations);
    print_arms(record["ablations"], study);
  }
  std::cout << '\n'
            << study.name << ", "
            << (study.endpoint == Endpoint::queries
                    ? "queries to the best cell"
                    : "mean log10 of the regret, at least 0.001, over queries 25 to 150")
            << ", paired by seed; found at 100 by McNemar's test; A12 above 0.5: the first is better\n";
  record["comparisons"] = comparisons(study);
  print_comparisons(record["comparisons"]);
  std::cout << '\n';
  record["not_worse"] = not_worse(study);
  print_not_worse(record["not_worse"]);
  std::cout << '\n';
  record["samples"] = samples(study);
  print_samples(record["samples"]);
  std::cout << '\n';
  record["rankers"] = rank_qualities(study);
  print_rank_qualities(record["rankers"]);
  std::cout << std::flush;
  return record;
}

std::string regret_curves(const Study& study) {
  std::ostringstream text;
  std::vector<Arm> arms = study.arms;
  arms.insert(arms.end(), study.ablations.begin(), study.ablations.end());
  for (const Arm& arm : arms) {
    if (arm.runs.empty()) continue;
    for (std::size_t query = 0; query < study.limit; ++query) {
      const auto quartiles = nas::censored_quartiles(arm.values([&](const Run& run) { return run.regret[query]; }));
      text << study.name << ",\"" << arm.name << "\"," << query + 1 << ',' << *quartiles.lower << ','
           << *quartiles.median << ',' << *quartiles.upper << '\n';
    }
  }
  return text.str();
}

}  // namespace query_efficiency
