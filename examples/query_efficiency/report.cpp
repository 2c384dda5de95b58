#include "report.hpp"

#include <algorithm>
#include <cstddef>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gptnas/core/thread_executor.hpp>
#include <gptnas/study/censored_quartiles.hpp>
#include <gptnas/study/summary.hpp>

#include "figures.hpp"
#include "quality.hpp"

namespace query_efficiency {

namespace {

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

// ---- Arms ----

std::string number_or_dash(const Json& value, int decimals) { return value.is_null() ? "-" : number(value, decimals); }

void print_queries(const Json& arms, const Study& study) {
  Line head{{"found by (95 % interval)", 25}};
  for (const std::size_t budget : checkpoints) {
    if (budget <= study.limit) head.emplace_back(std::to_string(budget), 15);
  }
  head.insert(head.end(), {{"median", 8}, {study.other_key, 11}});
  std::vector<Line> lines{head};
  for (const auto& [name, entry] : arms.items()) {
    Line line{{name, 0}};
    for (const auto& each : entry["found"]) {
      const auto percent = [&](const char* part) { return number(100 * each[part].get<double>(), 0); };
      line.emplace_back(percent("share") + "% (" + percent("lower") + "-" + percent("upper") + ")", 15);
    }
    const Json& median = entry["queries"]["median"];
    line.emplace_back(median.is_null() ? "> " + std::to_string(study.limit) : number(median, 0), 8);
    line.emplace_back(number_or_dash(entry["queries_by_the_other_key"]["median"], 0), 11);
    lines.push_back(line);
  }
  print_table(lines);
}

void print_regret_and_time(const Json& arms, const Study& study) {
  Line head{{"regret after", 25}};
  for (const std::size_t budget : {50u, 150u, 300u}) {
    if (budget <= study.limit) head.emplace_back(std::to_string(budget), 8);
  }
  if (study.endpoint == Endpoint::log_regret) head.emplace_back("log10", 8);
  head.insert(head.end(), {{"test", 8},
                           {"measured", 10},
                           {"ms a query", 12},
                           {"a proposal", 12},
                           {"a lesson", 10},
                           {"pre-training", 14}});
  std::vector<Line> lines{head};
  for (const auto& [name, entry] : arms.items()) {
    Line line{{name, 0}};
    for (const char* budget : {"50", "150", "300"}) {
      if (entry["regret"].contains(budget)) line.emplace_back(number(entry["regret"][budget]["mean"], 3), 8);
    }
    if (study.endpoint == Endpoint::log_regret) line.emplace_back(number(entry["endpoint"]["mean"], 3), 8);
    line.emplace_back(number(entry["test_accuracy"]["mean"], 3), 8);
    line.emplace_back(number(entry["different_keys"], 0), 10);
    line.emplace_back(number(entry["milliseconds_a_query"]["mean"], 2), 12);
    line.emplace_back(number_or_dash(entry["milliseconds_a_proposal"], 3), 12);
    line.emplace_back(number_or_dash(entry["milliseconds_a_lesson"], 1), 10);
    line.emplace_back(number_or_dash(entry["milliseconds_of_pretraining"], 0), 14);
    lines.push_back(line);
  }
  print_table(lines);
}

void print_arms(const Json& arms, const Study& study) {
  print_queries(arms, study);
  std::cout << '\n';
  print_regret_and_time(arms, study);
  std::cout << "measured: cells, in full; a run ends at the best one, at the last query or after 30 proposals a query\n"
               "milliseconds: a query's of one core, without pre-training; the others' of a GPT, by the clock; a "
               "ranker chooses a query among several proposals\n";
}

// ---- Tests ----

void print_comparisons(const Json& record) {
  std::vector<Line> lines{
      {{"comparison", 45}, {"Wilcoxon p", 12}, {"after Holm", 12}, {"McNemar p", 12}, {"after Holm", 12}, {"A12", 8}}};
  for (const Json& test : record) {
    lines.push_back({{test["first"].get<std::string>() + " against " + test["second"].get<std::string>(), 0},
                     {scientific(test["wilcoxon_p"]), 12},
                     {scientific(test["holm_p"]), 12},
                     {scientific(test["mcnemar_p"]), 12},
                     {scientific(test["mcnemar_holm_p"]), 12},
                     {number(test["a12"], 2), 8}});
  }
  print_table(lines);
}

void print_not_worse(const Json& record) {
  std::vector<Line> lines{{{"not worse", 45}, {"by", 12}, {"p, unadjusted", 15}, {"difference", 12}}};
  for (const Json& test : record) {
    lines.push_back({{test["candidate"].get<std::string>() + " than " + test["reference"].get<std::string>(), 0},
                     {number(test["margin"], 2), 12},
                     {scientific(test["p"]), 15},
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
            << ", paired by seed; found by 100 by McNemar's test; Holm over all of these, for each test; "
               "A12 above 0.5: the first is better\n";
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
  for (const std::vector<Arm>* arms : {&study.arms, &study.ablations}) {
    for (const Arm& arm : *arms) {
      if (arm.runs.empty()) continue;
      for (std::size_t query = 0; query < study.limit; ++query) {
        const auto quartiles = nas::censored_quartiles(arm.values([&](const Run& run) { return run.regret[query]; }));
        text << study.name << ",\"" << arm.name << "\"," << query + 1 << ',' << *quartiles.lower << ','
             << *quartiles.median << ',' << *quartiles.upper << '\n';
      }
    }
  }
  return text.str();
}

}  // namespace query_efficiency
